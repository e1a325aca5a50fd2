"""What a QR code says: EMVCo payment codes, VietQR, and the other kinds people meet. Pure."""
