/**
 * Families of operators of the domain {@code com.microsoft}, in which ONNX Runtime is the standard itself: what its
 * documentation leaves open is as it computes. A theme is a class; how a family is made is said in {@code
 * dev.tenon.differential}.
 */
package dev.tenon.differential.microsoft;
