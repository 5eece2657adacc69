package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CropAndResize}. */
public final class CropAndResizeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "the whole image",
                                new CropAndResize(true, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(1, 4), 0, 0, 1, 1),
                                ints(DType.INT32, dims(1), 0),
                                ints(DType.INT32, dims(2), 2, 3))
                        .expect(f32(dims(1, 1, 2, 3), 0, 1, 2, 6, 7, 8)),
                OpCase.of(
                                "between pixels, flipped",
                                new CropAndResize(true, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(2, 4), 0.25f, 0, 0.75f, 1, 1, 1, 0, 0),
                                ints(DType.INT32, dims(2), 0, 0),
                                ints(DType.INT32, dims(2), 2, 2))
                        .expect(f32(dims(2, 1, 2, 2), 1.5f, 3.5f, 4.5f, 6.5f, 8, 6, 2, 0)),
                OpCase.of(
                                "one pixel is the middle",
                                new CropAndResize(true, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(1, 4), 0, 0.5f, 0.5f, 1),
                                ints(DType.INT32, dims(1), 0),
                                ints(DType.INT32, dims(2), 1, 1))
                        .expect(f32(dims(1, 1, 1, 1), 3)),
                OpCase.of(
                                "nearest, of several images",
                                new CropAndResize(false, 0),
                                linear(0, 1, 2, 2, 3, 3),
                                f32(dims(2, 4), 0.25f, 0.2f, 0.25f, 0.8f, 0, 0, 1, 1),
                                ints(DType.INT32, dims(2), 1, 0),
                                ints(DType.INT32, dims(2), 1, 2))
                        .expect(f32(dims(2, 2, 1, 2), 21, 23, 30, 32, 3, 5, 12, 14)),
                OpCase.of(
                                "places in double precision",
                                new CropAndResize(true, 0),
                                reals(DType.FLOAT64, dims(1, 1, 3, 3), 0, 1, 2, 3, 4, 5, 6, 7, 8),
                                reals(DType.FLOAT64, dims(1, 4), 0.1, 0, 0.1, 1),
                                ints(DType.INT32, dims(1), 0),
                                ints(DType.INT32, dims(2), 1, 2))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 1, 2), 0.6, 2.6)),
                OpCase.of(
                                "outside",
                                new CropAndResize(true, -1),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(1, 4), -0.5f, 0, 0.5f, 2),
                                ints(DType.INT32, dims(1), 0),
                                ints(DType.INT32, dims(2), 3, 3))
                        .expect(f32(dims(1, 1, 3, 3), -1, -1, -1, 0, 2, -1, 3, 5, -1)),
                OpCase.of(
                                "no boxes",
                                CropAndResize.of(Attributes.none()),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(0, 4)),
                                ints(DType.INT32, dims(0)),
                                ints(DType.INT32, dims(2), 2, 2))
                        .expect(f32(dims(0, 1, 2, 2))),
                OpCase.of(
                                "no such image",
                                new CropAndResize(true, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(1, 4), 0, 0, 1, 1),
                                ints(DType.INT32, dims(1), 1),
                                ints(DType.INT32, dims(2), 2, 2))
                        .fails("batch_indices[0] is 1; allowed [0, 0]"),
                OpCase.of(
                                "no size",
                                new CropAndResize(true, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(1, 4), 0, 0, 1, 1),
                                ints(DType.INT32, dims(1), 0),
                                ints(DType.INT32, dims(2), 2, 0))
                        .fails("crop_size [2, 0]"),
                OpCase.of(
                                "boxes of three numbers",
                                new CropAndResize(true, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                f32(dims(1, 3), 0, 0, 1),
                                ints(DType.INT32, dims(1), 0),
                                ints(DType.INT32, dims(2), 2, 2))
                        .fails("[?,4]"));
    }
}
