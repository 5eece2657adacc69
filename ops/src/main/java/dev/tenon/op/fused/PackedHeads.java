package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** Operands [batch, length, width] whose rows hold heads beside each other. */
final class PackedHeads {
    private PackedHeads() {}

    /** The width of the first operand. */
    static long width(OpSchema schema, List<ValueType> types) {
        Shape shape = ((TensorType) types.getFirst()).shape();
        if (!shape.hasRank() || shape.rank() != 3 || !shape.dim(2).isKnown()) {
            throw new InvalidOperandException(
                    schema.qualifiedName(), "shape " + shape, "three dimensions, of which the last one is known", null);
        }
        return shape.dim(2).value();
    }

    /** The elements of each of some heads of a width. */
    static long size(OpSchema schema, long width, long heads) {
        if (width % heads != 0) {
            throw new InvalidOperandException(
                    schema.qualifiedName(), "a last dimension of " + width, "a multiple of " + heads + " heads", null);
        }
        return width / heads;
    }
}
