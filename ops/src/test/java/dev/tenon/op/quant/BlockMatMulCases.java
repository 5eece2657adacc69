package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.BlockRows;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link BlockMatMul}. Weights of long sums have one sign, so that they do not cancel. */
public final class BlockMatMulCases implements OpCases {
    private static final BlockMatMul FLOATS = new BlockMatMul(BlockFormat.Q8_0, Activations.F32);
    private static final BlockMatMul BYTES = new BlockMatMul(BlockFormat.Q8_0, Activations.Q8);

    private static Tensor ramp(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, i % 32 == 5 ? 127 : (i * 7 % 11 - 3) / 4.0);
        }
        return t;
    }

    /** Rows of weights of 0.5 and of -1. */
    private static Tensor weights() {
        Tensor rows = Tensor.allocate(DType.UINT8, 2, 68);
        rows.segment()
                .asSlice(0, 68)
                .copyFrom(BlockRows.filled(BlockFormat.Q8_0, 0.5, 0, 1, 1, 64).segment());
        rows.segment()
                .asSlice(68, 68)
                .copyFrom(BlockRows.filled(BlockFormat.Q8_0, 0.5, 0, -2, 1, 64).segment());
        return rows;
    }

    private static Tensor ones(float last, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, i == t.size() - 1 ? last : 1);
        }
        return t;
    }

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(List.of(
                OpCase.of("float32", FLOATS, ones(0.25f, 1, 64), weights()).expect(f32(dims(1, 2), 31.625f, -63.25f)),
                // 127 makes the scale of the second block 1, and 1.5 an even integer.
                OpCase.of("rounded", BYTES, ones(127, 64), weights()).expect(f32(dims(2), 95, -190)),
                OpCase.of("a bias", FLOATS, ones(1, 2, 1, 64), weights(), f32(dims(2), 100, -100))
                        .expect(f32(dims(2, 1, 2), 132, -164, 132, -164)),
                OpCase.of("no rows", BYTES, f32(dims(0, 64)), weights()).expect(f32(dims(0, 2))),
                OpCase.of("other terms", FLOATS, f32(dims(1, 2), 1, 2), weights())
                        .fails("64 elements"),
                OpCase.of("a part of a block", FLOATS, ones(1, 1, 32), Tensor.allocate(DType.UINT8, 1, 33))
                        .fails("34 bytes"),
                OpCase.of("a stack of weights", FLOATS, ones(1, 1, 32), Tensor.allocate(DType.UINT8, 1, 1, 34))
                        .fails("[rows, bytes]"),
                OpCase.of("another bias", FLOATS, ones(1, 1, 64), weights(), f32(dims(1), 1))
                        .fails("a bias")));
        for (BlockFormat format : BlockFormat.values()) {
            for (Activations activations : Activations.values()) {
                cases.add(OpCase.of(
                        format + " " + activations,
                        new BlockMatMul(format, activations),
                        ramp(3, 512),
                        BlockRows.filled(format, 0.5, format.hasSubScales() ? -1 : 1, 255, 5, 512)));
            }
        }
        return cases;
    }
}
