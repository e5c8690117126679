"""The exchange of files with the provincial system: send a month, take the answers, take in its own files, see what is late."""
