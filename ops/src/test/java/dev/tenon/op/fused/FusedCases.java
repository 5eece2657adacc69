package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Mean;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link Fused}. */
public final class FusedCases implements OpCases {
    private static final Part PRODUCT = part(new MatMul(), 0, 1);

    private static Part part(Op op, Integer... operands) {
        return new Part(op, List.of(operands));
    }

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(chains());
        cases.addAll(products());
        cases.addAll(failures());
        cases.addAll(convolutions());
        cases.addAll(lines());
        return cases;
    }

    private static List<OpCase> convolutions() {
        Part conv = part(Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1})), 0, 1);
        Fused biased = new Fused(3, conv, List.of(part(new Add(), 3, 2), part(new Relu(), 4)));
        Part transposed = part(ConvTranspose.of(Attributes.none().with("strides", new long[] {2})), 0, 1);
        return List.of(
                OpCase.of(
                                "transposed convolution, activation",
                                new Fused(2, transposed, List.of(part(new Relu(), 2))),
                                f32(dims(1, 1, 2), 1, -2),
                                f32(dims(1, 2, 2), 1, -1, 3, 0.5f))
                        .expect(f32(dims(1, 2, 4), 1, 0, 0, 2, 3, 0.5f, 0, 0)),
                OpCase.of(
                                "convolution, channels, activation",
                                biased,
                                linear(0, 1, 1, 1, 2, 2),
                                f32(dims(2, 1, 3, 3), 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
                                f32(dims(2, 1, 1), -1, 0.5f))
                        .expect(f32(dims(1, 2, 2, 2), 0, 0, 1, 2, 0.5f, 0.5f, 0.5f, 2.5f)),
                OpCase.of(
                        "random convolution",
                        biased,
                        random(DType.FLOAT32, 1, 2, 5, 11, 9),
                        random(DType.FLOAT32, 2, 14, 5, 3, 3),
                        random(DType.FLOAT32, 3, 2, 14, 11, 9)));
    }

    private static List<OpCase> chains() {
        Fused scaled = new Fused(3, null, List.of(part(new Mul(), 0, 1), part(new Add(), 3, 2), part(new Relu(), 4)));
        Fused twice = new Fused(1, null, List.of(part(new Sigmoid(), 0), part(new Mul(), 0, 1)));
        Fused types = new Fused(
                2,
                null,
                List.of(
                        part(new Cast(DType.FLOAT32), 0),
                        part(new Greater(), 2, 1),
                        part(new Neg(), 2),
                        part(new Where(), 3, 2, 4)));
        Fused clipped = new Fused(
                2, null, List.of(part(new Neg(), 0), part(new Clip(), 2, Fused.ABSENT, 1), part(new Neg(), 3)));
        Fused mean = new Fused(3, null, List.of(part(new Neg(), 0), part(new Mean(), 1, 2, 3)));
        Fused longs = new Fused(2, null, List.of(part(new Sub(), 0, 1), part(new Equal(), 2, 0)));
        return List.of(
                OpCase.of(
                                "a column and a row",
                                scaled,
                                f32(dims(2, 3), 1, -2, 3, -4, 5, -6),
                                f32(dims(2, 1), 2, -1),
                                f32(dims(3), 0.5f, 1, -9))
                        .expect(f32(dims(2, 3), 2.5f, 0, 0, 4.5f, 0, 0)),
                OpCase.of("one value used twice", twice, f32(dims(2), 0f, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(2), 0f, Float.NaN)),
                OpCase.of("several element types", types, ints(DType.INT32, dims(4), -3, 0, 2, 5), f32(dims(1), 1))
                        .expect(f32(dims(4), 3, 0, 2, 5)),
                OpCase.of("a bound left out", clipped, f32(dims(4), -7, -1, 0.5f, 9), f32(dims(), 3))
                        .expect(f32(dims(4), -3, -1, 0.5f, 9)),
                OpCase.of("mean of three", mean, f32(dims(2), 3, -6), f32(dims(2), 1, 1), f32(dims(1), 8))
                        .expect(f32(dims(2), 2, 5)),
                OpCase.of("integers to truth", longs, i64(dims(3), 1, 2, 3), i64(dims(3), 0, 1, 0))
                        .expect(Tensor.of(new boolean[] {true, false, true})),
                OpCase.of("no elements", scaled, f32(dims(0, 3)), f32(dims(1, 1), 2), f32(dims(3), 1, 2, 3))
                        .expect(f32(dims(0, 3))),
                OpCase.of("scalars", scaled, f32(dims(), 3), f32(dims(), 2), f32(dims(), 1))
                        .expect(f32(dims(), 7)),
                OpCase.of(
                        "random, a row and a column",
                        scaled,
                        random(DType.FLOAT32, 1, 3, 40, 70),
                        random(DType.FLOAT32, 2, 3, 1, 70),
                        random(DType.FLOAT32, 3, 40, 1)),
                OpCase.of("random, long", twice, random(DType.FLOAT32, 4, 5003)),
                OpCase.of("random types", types, random(DType.INT32, 5, 70, 33), random(DType.FLOAT32, 6, 33)));
    }

    private static List<OpCase> products() {
        Fused biased = new Fused(3, PRODUCT, List.of(part(new Add(), 3, 2), part(new Relu(), 4)));
        Fused residual = new Fused(4, PRODUCT, List.of(part(new Add(), 2, 4), part(new Add(), 5, 3)));
        Fused gated = new Fused(3, PRODUCT, List.of(part(new Gelu("none"), 3), part(new Mul(), 4, 2)));
        Fused scaled = new Fused(3, PRODUCT, List.of(part(new Mul(), 3, 2), part(new LeakyRelu(0.25f), 4)));
        Part gemm = part(new Gemm(1, 1, false, true), 0, 1, 2);
        Fused activated = new Fused(3, gemm, List.of(part(new Relu(), 3)));
        return List.of(
                OpCase.of(
                                "product, row, activation",
                                biased,
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 3, 4),
                                f32(dims(4), 1, -2, 3, -4))
                        .expect(f32(dims(2, 4), 3.5f, 0.125f, 4.75f, 0, 0, 0, 2.5f, 0)),
                OpCase.of(
                                "transposed, with its own row",
                                activated,
                                linear(-1, 0.5, 2, 3),
                                linear(-2, 0.25, 4, 3),
                                f32(dims(4), 1, 2, 3, 4))
                        .expect(f32(dims(2, 4), 3.875f, 3.75f, 3.625f, 3.5f, 0, 0, 2.5f, 5.75f)),
                OpCase.of(
                        "residual and row",
                        residual,
                        random(DType.FLOAT32, 1, 2, 13, 40),
                        random(DType.FLOAT32, 2, 40, 37),
                        random(DType.FLOAT32, 3, 37),
                        random(DType.FLOAT32, 4, 2, 13, 37)),
                OpCase.of(
                        "a column after a product",
                        scaled,
                        random(DType.FLOAT32, 5, 30, 20),
                        random(DType.FLOAT32, 6, 20, 100),
                        random(DType.FLOAT32, 7, 30, 1)),
                OpCase.of(
                        "stack of products, a mask",
                        residual,
                        random(DType.FLOAT32, 8, 2, 3, 5, 8),
                        random(DType.FLOAT32, 9, 2, 3, 8, 17),
                        f32(dims(1), 0.125f),
                        random(DType.FLOAT32, 10, 2, 1, 1, 17)),
                OpCase.of(
                        "wide, several blocks of columns",
                        gated,
                        random(DType.FLOAT32, 11, 14, 30),
                        random(DType.FLOAT32, 12, 30, 600),
                        random(DType.FLOAT32, 13, 600)),
                OpCase.of("nothing in common", biased, f32(dims(2, 0)), f32(dims(0, 3)), f32(dims(3), -1, 2, 3))
                        .expect(f32(dims(2, 3), 0, 2, 3, 0, 2, 3)),
                OpCase.of("no rows", biased, f32(dims(0, 3)), linear(-2, 0.25, 3, 4), f32(dims(4), 1, 2, 3, 4))
                        .expect(f32(dims(0, 4))),
                OpCase.of(
                                "a vector on the right",
                                biased,
                                linear(1, 1, 2, 3),
                                f32(dims(3), 1, 0, -1),
                                f32(dims(2), 3, 1))
                        .expect(f32(dims(2), 1, 0)));
    }

    private static List<OpCase> lines() {
        Attributes flat = Attributes.none().with("keepdims", 0L);
        List<Part> product = List.of(part(new Mul(), 0, 1));
        Fused sum = new Fused(3, product, part(ReduceSum.of(flat), 3, 2), List.of(part(new Neg(), 4)));
        Fused softmax = new Fused(2, product, part(new Softmax(-1), 2), List.of());
        Fused alone = new Fused(2, part(ReduceSum.of(flat), 0, 1), List.of(part(new Neg(), 2)));
        return List.of(
                OpCase.of(
                                "a product before a sum, a sign after it",
                                sum,
                                f32(dims(2, 3), 1, -2, 3, 4, 5, -6),
                                f32(dims(3), 1, 0.5f, 2),
                                i64(dims(1), 1))
                        .expect(f32(dims(2), -6, 5.5f)),
                OpCase.of("a sum alone, a sign after it", alone, f32(dims(2, 2), 1, -2, 3, 4), i64(dims(1), 0))
                        .expect(f32(dims(2), -4, -2)),
                OpCase.of("a product ahead of softmax", softmax, f32(dims(2, 2), 1, 1, 0, 0), f32(dims(1), 3))
                        .expect(f32(dims(2, 2), 0.5f, 0.5f, 0.5f, 0.5f)),
                OpCase.of(
                        "random sums",
                        sum,
                        random(DType.FLOAT32, 1, 7, 70),
                        random(DType.FLOAT32, 2, 70),
                        i64(dims(1), 0)),
                OpCase.of(
                        "random softmax", softmax, random(DType.FLOAT32, 1, 3, 7, 70), random(DType.FLOAT32, 2, 7, 1)));
    }

    private static List<OpCase> failures() {
        Fused sum = new Fused(2, null, List.of(part(new Add(), 0, 1), part(new Relu(), 2)));
        return List.of(
                OpCase.of(
                                "what follows a sum makes it larger",
                                new Fused(2, part(ReduceSum.of(Attributes.none()), 0), List.of(part(new Add(), 2, 1))),
                                f32(dims(2), 1, 2),
                                f32(dims(2), 1, 2))
                        .fails("type of the anchor's result"),
                OpCase.of("one input too few", sum, f32(dims(2), 1, 2)).fails("exactly 2"),
                OpCase.of("shapes that do not broadcast", sum, f32(dims(2), 1, 2), f32(dims(3), 1, 2, 3))
                        .fails("broadcast"),
                OpCase.of("a type that a part does not take", sum, f32(dims(2), 1, 2), i64(dims(2), 1, 2))
                        .fails("element type"));
    }
}
