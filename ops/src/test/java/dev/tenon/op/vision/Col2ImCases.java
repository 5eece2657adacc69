package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Col2Im}. */
public final class Col2ImCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", Col2Im.of(Attributes.none()), linear(1, 1, 1, 5, 5), axes(5, 5), axes(1, 5))
                        .expect(f32(dims(1, 1, 5, 5), """
                                1 6 11 16 21
                                2 7 12 17 22
                                3 8 13 18 23
                                4 9 14 19 24
                                5 10 15 20 25""")),
                OpCase.of("overlapping", Col2Im.of(Attributes.none()), steps(13, 1, 8, 6), axes(3, 4), axes(2, 2))
                        .expect(f32(dims(1, 2, 3, 4), """
                                -3.5 3 -9 0.5   7 -5 10 -11   -2.5 5 -7 1.5
                                -4.5 1 2 -0.5   5 -9 6 0   -3.5 3 -9 0.5""")),
                OpCase.of(
                                "strides",
                                Col2Im.of(Attributes.none().with("strides", new long[] {2, 2})),
                                steps(13, 2, 4, 4),
                                axes(4, 4),
                                axes(2, 2))
                        .expect(f32(dims(2, 1, 4, 4), """
                                -3.5 -1.5 3.5 5.5   0.5 2.5 -5.5 -3.5   -2.5 -0.5 4.5 -6.5
                                1.5 3.5 -4.5 -2.5   4.5 -6.5 -1.5 0.5   -4.5 -2.5 2.5 4.5
                                5.5 -5.5 -0.5 1.5   -3.5 -1.5 3.5 5.5""")),
                OpCase.of(
                                "pads",
                                Col2Im.of(Attributes.none().with("pads", new long[] {0, 1, 1, 1})),
                                steps(13, 1, 6, 9),
                                axes(3, 3),
                                axes(2, 3))
                        .expect(f32(dims(1, 1, 3, 3), -2, 4.5f, -5, 0, 2, -6, -7, -2, 0)),
                OpCase.of(
                                "dilations",
                                Col2Im.of(Attributes.none().with("dilations", new long[] {2, 2})),
                                steps(13, 1, 4, 4),
                                axes(4, 4),
                                axes(2, 2))
                        .expect(f32(dims(1, 1, 4, 4), """
                                -3.5 3.5 -1.5 5.5
                                -2.5 4.5 -0.5 -6.5
                                0.5 -5.5 2.5 -3.5
                                1.5 -4.5 3.5 -2.5""")),
                OpCase.of("one axis", Col2Im.of(Attributes.none()), steps(13, 1, 4, 3), axes(4), axes(2)),
                OpCase.of("three axes", Col2Im.of(Attributes.none()), steps(13, 1, 4, 4), axes(2, 3, 2), axes(1, 2, 2))
                        .expect(f32(dims(1, 1, 2, 3, 2), "-3.5 -1.5 4 8 -5.5 -3.5 -2.5 -0.5 6 -3 -4.5 -2.5")),
                OpCase.of(
                                "integers",
                                Col2Im.of(Attributes.none()),
                                ints(DType.INT32, dims(1, 2, 2), 1, 2, 3, 4),
                                axes(1, 3),
                                axes(1, 2))
                        .expect(ints(DType.INT32, dims(1, 1, 1, 3), 1, 5, 4)),
                OpCase.of("no instances", Col2Im.of(Attributes.none()), f32(dims(0, 2, 2)), axes(1, 3), axes(1, 2))
                        .expect(f32(dims(0, 1, 1, 3))),
                OpCase.of("blocks differ", Col2Im.of(Attributes.none()), linear(1, 1, 1, 4, 3), axes(3, 3), axes(2, 2))
                        .fails("3 and 4 differ"),
                OpCase.of(
                                "channels do not divide",
                                Col2Im.of(Attributes.none()),
                                linear(1, 1, 1, 5, 4),
                                axes(3, 3),
                                axes(2, 2))
                        .fails("a multiple of 4"),
                OpCase.of("axes differ", Col2Im.of(Attributes.none()), linear(1, 1, 1, 4, 4), axes(3, 3), axes(4))
                        .fails("2 and 1 differ"),
                OpCase.of(
                                "block too large",
                                Col2Im.of(Attributes.none()),
                                linear(1, 1, 1, 16, 1),
                                axes(3, 3),
                                axes(4, 4))
                        .fails("the window covers 4 elements"));
    }
}
