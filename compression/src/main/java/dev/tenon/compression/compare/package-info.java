/** Compares any two models on the same data, and two reports side by side. */
package dev.tenon.compression.compare;
