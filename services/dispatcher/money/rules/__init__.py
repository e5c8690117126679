"""What a charter costs whom, and by which notice: policies and tariffs as dated data, and the arithmetic on them."""
