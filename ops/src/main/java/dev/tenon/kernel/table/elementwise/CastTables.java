package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarCast;
import dev.tenon.kernel.vector.elementwise.VectorCast;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.tensor.DType;

/** The table of Cast and CastLike. */
final class CastTables {
    // Estimates of the work, picoseconds for an element.

    /** A vector loop, or a copy. */
    private static final long CHEAP = 80;

    /** A scalar loop. */
    private static final long SCALAR = 800;

    /** The shortest vectors, in bits, that the loops of bytes run on. */
    private static final int MIN_BITS_OF_BYTES = 256;

    private CastTables() {}

    /** Starts the table of an operator, by the name of its class; null if it is not here. */
    static ElementwiseTableBuilder of(String operator) {
        return operator.equals("Cast") || operator.equals("CastLike") ? casts() : null;
    }

    private static ElementwiseTableBuilder casts() {
        ElementwiseTableBuilder table = to(ElementwiseTableBuilder.of("cast"), DType.FLOAT32);
        for (DType from : new DType[] {DType.INT32, DType.UINT8, DType.INT8}) {
            table.assembled(from, from.text() + "_f32", CHEAP, (p, bits) -> AssembledLoops.toFloat(from, bits));
        }
        table.vector(DType.INT32, "i32_f32", CHEAP, CastTables::vectorLoop)
                .fromBits(MIN_BITS_OF_BYTES)
                .vector(DType.UINT8, "u8_f32", CHEAP, CastTables::vectorLoop)
                .vector(DType.INT8, "i8_f32", CHEAP, CastTables::vectorLoop);
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

    /** Makes the lines that follow take results of one type only. */
    private static ElementwiseTableBuilder to(ElementwiseTableBuilder table, DType type) {
        return table.when(p -> p.output().dtype() == type);
    }

    private static UnaryLoop vectorLoop(ElementwiseProblem p) {
        return switch (p.dtype(0)) {
            case INT32 -> VectorCast::fromInts;
            case UINT8 -> VectorCast::fromUnsignedBytes;
            default -> VectorCast::fromBytes;
        };
    }

    private static void addPair(ElementwiseTableBuilder table, DType from, DType to) {
        if (ScalarCast.has(from, to)) {
            to(table, to).scalar(from, from.text() + "_" + to.text(), SCALAR, p -> ScalarCast.of(from, to));
        }
    }
}
