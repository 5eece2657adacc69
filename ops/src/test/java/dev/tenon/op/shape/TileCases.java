package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Tile}. */
public final class TileCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("matrix", new Tile(), ramp(DType.FLOAT32, 2, 2), i64(2, 2))
                        .expect(f32(new long[] {4, 4}, 1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4)),
                OpCase.of("vector", new Tile(), i64(1, 2), i64(3)).expect(i64(1, 2, 1, 2, 1, 2)),
                OpCase.of("scalar", new Tile(), Tensor.scalar(1f), i64()).expect(Tensor.scalar(1f)),
                OpCase.of("none", new Tile(), i64(1, 2), i64(0)).expect(i64()),
                OpCase.of("of nothing", new Tile(), ramp(DType.FLOAT32, 0, 2), i64(2, 3))
                        .expect(ramp(DType.FLOAT32, 0, 6)),
                OpCase.of("rows and columns", new Tile(), ramp(DType.INT16, 3, 1, 21), i64(2, 5, 3)),
                OpCase.of("strings", new Tile(), text("a", "b"), i64(2)).expect(text("a", "b", "a", "b")),
                OpCase.of("negative", new Tile(), i64(1, 2), i64(-1)).fails("holds -1"),
                OpCase.of("wrong count", new Tile(), i64(1, 2), i64(1, 1)).fails("2 repeats for shape [2]"),
                OpCase.of("overflow", new Tile(), ramp(DType.FLOAT32, 2, 2), i64(1L << 62, 1))
                        .fails("overflow"));
    }
}
