/**
 * Tensors, types, attributes and other values, converted between the messages of ONNX files and Tenon.
 *
 * <p>Whole nodes, graphs and models do not belong here. A new element type is a number in {@code ElementTypes}, and a
 * case in {@code OnnxTensors} if its elements have a field of their own.
 */
package dev.tenon.formats.onnx.data;
