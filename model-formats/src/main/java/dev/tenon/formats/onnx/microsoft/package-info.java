/**
 * The operators of ONNX Runtime's own domain {@code com.microsoft} that are compositions of operators of the standard.
 *
 * <p>A new one is a row in {@link dev.tenon.formats.onnx.microsoft.MicrosoftDomain} and a lowering. An operator that is
 * no composition does not belong here: it is an operator of its own in {@code dev.tenon.op.contrib}.
 */
package dev.tenon.formats.onnx.microsoft;
