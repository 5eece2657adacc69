package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DynamicQuantizedMatMul}. */
public final class DynamicQuantizedMatMulCases implements OpCases {
    private static final DynamicQuantizedMatMul OP = new DynamicQuantizedMatMul();

    private static Tensor bytes(long[] dims, int... values) {
        byte[] all = new byte[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) values[i];
        }
        return Tensor.of(all, dims);
    }

    @Override
    public List<OpCase> cases() {
        Tensor w = bytes(dims(2, 3), 1, -2, 127, 4, 5, -127);
        Tensor s = f32(dims(3), 1, 0.5f, 2);
        float nan = Float.NaN;
        return List.of(
                // The ranges are 0 to 255 and -51 to 204, so that the scales are 1 and the zero points 0 and 51.
                OpCase.of("rows with scales of 1", OP, f32(dims(2, 2), 255, 10, -51, 204), w, s)
                        .expect(f32(dims(2, 3), 295, -230, 62230, 765, 561, -64770)),
                OpCase.of("a row of zeros", OP, f32(dims(1, 2), 0, 0), w, s).expect(f32(dims(1, 3), 0, 0, 0)),
                OpCase.of("rounds to even", OP, f32(dims(1, 2), 255, 2.5f), w, s)
                        .expect(f32(dims(1, 3), 263, -250, 64262)),
                OpCase.of("a row that is not finite, and one that is", OP, f32(dims(2, 2), nan, 1, 255, 0), w, s)
                        .expect(f32(dims(2, 3), nan, nan, nan, 255, -255, 64770)),
                OpCase.of("an infinity", OP, f32(dims(1, 2), Float.POSITIVE_INFINITY, 1), w, s)
                        .expect(f32(dims(1, 3), nan, nan, nan)),
                OpCase.of("a vector", OP, f32(dims(2), 255, 10), w, s).expect(f32(dims(3), 295, -230, 62230)),
                OpCase.of("no rows", OP, f32(dims(0, 2)), w, s).expect(f32(dims(0, 3))),
                OpCase.of(
                        "random, one matrix for a stack",
                        OP,
                        random(DType.FLOAT32, 1, 3, 5, 40),
                        random(DType.INT8, 2, 40, 37),
                        random(DType.FLOAT32, 3, 37)),
                OpCase.of("other terms", OP, linear(0, 1, 2, 3), w, s).fails("3"));
    }
}
