"""What another rule, cap, load factor or tariff would have cost whom: runs priced again under changed terms; decides nothing."""
