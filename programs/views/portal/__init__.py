"""The holders' portal: each page is for the members of one holder, whose id stands in its address."""
