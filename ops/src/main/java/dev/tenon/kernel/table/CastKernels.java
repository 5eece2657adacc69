package dev.tenon.kernel.table;

import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarCast;
import dev.tenon.kernel.vector.elementwise.VectorCast;
import dev.tenon.tensor.DType;

/** The table of casts. */
final class CastKernels {
    /** Rough estimates of the work, picoseconds for an element. */
    private static final long CHEAP = 80;

    private static final long PLAIN = 800;
    private static final int BYTE_LOOP_BITS = 256;

    private CastKernels() {}

    /** The table of casts, or null for other operators. */
    static ElementwiseTable table(String op) {
        return op.equals("Cast") || op.equals("CastLike") ? casts() : null;
    }

    private static ElementwiseTable casts() {
        ElementwiseTable table = to(ElementwiseTable.of("cast"), DType.FLOAT32)
                .vector(DType.INT32, "i32_f32", CHEAP, CastKernels::vectorLoop)
                .fromBits(BYTE_LOOP_BITS)
                .vector(DType.UINT8, "u8_f32", CHEAP, CastKernels::vectorLoop)
                .vector(DType.INT8, "i8_f32", CHEAP, CastKernels::vectorLoop);
        for (DType from : DType.values()) {
            if (from.bits() >= Byte.SIZE && from.bits() <= Long.SIZE) {
                int bytes = from.bits() / Byte.SIZE;
                to(table, from).scalar(from, from.text() + "_same", CHEAP, p -> UnaryLoop.copying(bytes));
                for (DType to : DType.values()) {
                    addPair(table, from, to);
                }
            }
        }
        return table;
    }

    /** Makes the lines that follow take one type of results. */
    private static ElementwiseTable to(ElementwiseTable table, DType type) {
        return table.when(p -> p.output().dtype() == type);
    }

    private static UnaryLoop vectorLoop(ElementwiseProblem p) {
        return switch (p.dtype(0)) {
            case INT32 -> VectorCast::fromInts;
            case UINT8 -> VectorCast::fromUnsignedBytes;
            default -> VectorCast::fromBytes;
        };
    }

    private static void addPair(ElementwiseTable table, DType from, DType to) {
        if (ScalarCast.has(from, to)) {
            to(table, to).scalar(from, from.text() + "_" + to.text(), PLAIN, p -> ScalarCast.of(from, to));
        }
    }
}
