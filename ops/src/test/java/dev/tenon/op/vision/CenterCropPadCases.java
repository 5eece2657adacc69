package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CenterCropPad}. */
public final class CenterCropPadCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("crop", CenterCropPad.of(Attributes.none()), linear(1, 1, 5, 4), axes(2, 2))
                        .expect(f32(dims(2, 2), 6, 7, 10, 11)),
                OpCase.of("pad", CenterCropPad.of(Attributes.none()), linear(1, 1, 2, 3), axes(4, 6))
                        .expect(f32(dims(4, 6), "0 0 0 0 0 0 0 1 2 3 0 0 0 4 5 6 0 0 0 0 0 0 0 0")),
                OpCase.of("crop and pad", CenterCropPad.of(Attributes.none()), linear(1, 1, 4, 3), axes(3, 6))
                        .expect(f32(dims(3, 6), 0, 1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0, 7, 8, 9, 0, 0)),
                OpCase.of(
                                "axes",
                                CenterCropPad.of(Attributes.none().with("axes", new long[] {1, 2})),
                                linear(1, 1, 2, 3, 2),
                                axes(4, 1))
                        .expect(f32(dims(2, 4, 1), 1, 3, 5, 0, 7, 9, 11, 0)),
                OpCase.of(
                                "negative axes",
                                CenterCropPad.of(Attributes.none().with("axes", new long[] {-2, -1})),
                                linear(1, 1, 2, 3, 2),
                                axes(4, 1))
                        .expect(f32(dims(2, 4, 1), 1, 3, 5, 0, 7, 9, 11, 0)),
                OpCase.of(
                                "int32 shape",
                                CenterCropPad.of(Attributes.none()),
                                linear(1, 1, 4),
                                ints(DType.INT32, dims(1), 3))
                        .expect(f32(dims(3), 1, 2, 3)),
                OpCase.of("bytes", CenterCropPad.of(Attributes.none()), ints(DType.UINT8, dims(3), 1, 2, 3), axes(5))
                        .expect(ints(DType.UINT8, dims(5), 0, 1, 2, 3, 0)),
                OpCase.of("strings", CenterCropPad.of(Attributes.none()), Tensor.of(new String[] {"a", "b"}), axes(4))
                        .expect(Tensor.of(new String[] {"", "a", "b", ""})),
                OpCase.of("to nothing", CenterCropPad.of(Attributes.none()), linear(1, 1, 4), axes(0))
                        .expect(f32(dims(0))),
                OpCase.of("from nothing", CenterCropPad.of(Attributes.none()), f32(dims(0)), axes(2))
                        .expect(f32(dims(2), 0, 0)),
                OpCase.of("too many", CenterCropPad.of(Attributes.none()), linear(1, 1, 4), axes(1, 2))
                        .fails("'shape' of 2 elements; allowed 1"),
                OpCase.of("negative", CenterCropPad.of(Attributes.none()), linear(1, 1, 4), axes(-1))
                        .fails("holds -1"),
                OpCase.of("enormous", CenterCropPad.of(Attributes.none()), linear(1, 1, 4), axes(4611686018427387904L))
                        .fails(""));
    }
}
