"""Requirements files as pip has them: text in, requirements and options out."""
