/** Tests of floating-point numbers of 16 bits. */
package dev.tenon.compression.floats;
