/**
 * Families of operators of the domain {@code com.microsoft}. ONNX Runtime is the standard of this domain: where its
 * documentation is silent, its results are right. To add a family, see {@code dev.tenon.differential}.
 */
package dev.tenon.differential.microsoft;
