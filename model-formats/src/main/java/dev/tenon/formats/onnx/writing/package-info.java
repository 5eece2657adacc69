/**
 * Turns a graph of canonical operators into the graph of an ONNX file for a chosen operator set.
 *
 * <p>{@link dev.tenon.formats.onnx.writing.GraphWriter} names the values and writes the nodes. {@code Downgrades} has
 * the older forms of operators, {@code TypeHistory} the version that brought a type, and {@code MicrosoftReplacements}
 * operators of ONNX Runtime in place of newer ones. {@link dev.tenon.formats.onnx.writing.StandardBlocks} gives weights in the
 * blocks of GGUF a form of ONNX, {@code BlockOperators} finds weights with a scale for each block.
 * {@link dev.tenon.formats.onnx.writing.ExternalTensors} are written to a file beside the model.
 *
 * <p>An operator whose form changes with a new operator set needs a downgrade here if the older form can express the
 * same. Without one, it is refused by name. Rewrite rules and anything else that optimises do not belong here.
 */
package dev.tenon.formats.onnx.writing;
