/** Compares any two models on the same data. */
package dev.tenon.compression.compare;
