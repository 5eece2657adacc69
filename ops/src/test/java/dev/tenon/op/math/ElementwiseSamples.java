package dev.tenon.op.math;

import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Cases that every element-wise operator shares: all element types, broadcasts, lengths around vector tails. */
final class ElementwiseSamples {
    private static final double[] SPECIAL = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        -2.5,
        1e-40,
        -1e-40,
        3e4,
        -3e4,
        88.5,
        -88.5,
        104,
        -103.9,
        7,
        -7,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
    };
    private static final long[][] LENGTHS = {{0}, {}, {1}, {15}, {16}, {17}, {63}, {65}, {2, 3, 0}, {3, 5, 7}, {2, 1000}
    };
    private static final long[][][] BROADCASTS = {
        {{}, {}},
        {{0}, {1}},
        {{37}, {}},
        {{}, {37}},
        {{5, 33}, {33}},
        {{33}, {5, 33}},
        {{4, 1, 5}, {3, 1}},
        {{2, 3, 40}, {3, 1}},
        {{2, 1, 64}, {2, 65, 1}},
        {{6, 130}, {6, 130}},
    };

    private ElementwiseSamples() {}

    /** Cases of an operator of one operand, the given ones first. */
    static List<OpCase> unary(Op op, OpCase... own) {
        List<OpCase> cases = new ArrayList<>(Arrays.asList(own));
        for (DType type : types(op, 0)) {
            cases.add(OpCase.of("elements of type " + type.text(), op, values(type, 1, 3, 14)));
        }
        DType first = first(op);
        for (long[] dims : LENGTHS) {
            cases.add(OpCase.of("shape " + Arrays.toString(dims), op, values(first, 2, dims)));
        }
        refuseStrings(cases, op, values(first, 1, 2));
        return cases;
    }

    /** Cases of an operator of two operands of one type or of one type each, the given ones first. */
    static List<OpCase> binary(Op op, OpCase... own) {
        List<OpCase> cases = new ArrayList<>(Arrays.asList(own));
        boolean same = op.schema()
                .inputs()
                .get(0)
                .type()
                .equals(op.schema().inputs().get(1).type());
        for (DType a : types(op, 0)) {
            for (DType b : same ? Set.of(a) : types(op, 1)) {
                cases.add(OpCase.of(
                        "elements of types " + a.text() + " and " + b.text(),
                        op,
                        values(a, 1, 7, 1, 6),
                        values(b, 2, 7, 5, 1)));
            }
        }
        DType a = first(op);
        DType b = same
                ? a
                : types(op, 1).contains(a) ? a : types(op, 1).iterator().next();
        for (long[][] dims : BROADCASTS) {
            String name = "shapes " + Arrays.toString(dims[0]) + " and " + Arrays.toString(dims[1]);
            cases.add(OpCase.of(name, op, values(a, 3, dims[0]), values(b, 4, dims[1])));
        }
        cases.add(OpCase.of("shapes that do not broadcast", op, values(a, 1, 2, 3), values(b, 1, 4))
                .fails("[4]"));
        refuseStrings(cases, op, values(a, 1, 2));
        return cases;
    }

    /** Cases of an operator of any number of operands, the given ones first. */
    static List<OpCase> variadic(Op op, OpCase... own) {
        List<OpCase> cases = new ArrayList<>(Arrays.asList(own));
        for (DType type : types(op, 0)) {
            cases.add(OpCase.of("one operand of type " + type.text(), op, summands(type, 1, 3, 7)));
            cases.add(OpCase.of(
                    "three operands of type " + type.text(),
                    op,
                    summands(type, 1, 2, 1, 9),
                    summands(type, 2, 9),
                    summands(type, 3, 2, 3, 1)));
        }
        DType first = first(op);
        for (long[][] dims : BROADCASTS) {
            String name = "shapes " + Arrays.toString(dims[0]) + " and " + Arrays.toString(dims[1]);
            cases.add(OpCase.of(name, op, summands(first, 3, dims[0]), summands(first, 4, dims[1])));
        }
        Datum[] many = new Datum[11];
        Arrays.setAll(many, i -> summands(first, i, 5, 20));
        cases.add(OpCase.of("more operands than kernels take", op, many));
        cases.add(OpCase.of("no operand", op).fails("at least 1"));
        return cases;
    }

    private static void refuseStrings(List<OpCase> cases, Op op, Tensor other) {
        if (!types(op, 0).contains(DType.STRING)) {
            Datum[] operands = new Datum[op.schema().inputs().size()];
            Arrays.fill(operands, other);
            operands[0] = Tensor.of(new String[] {"1", "2"});
            cases.add(OpCase.of("a string", op, operands).fails("string"));
        }
    }

    static Set<DType> types(Op op, int input) {
        OpSchema schema = op.schema();
        return schema.allowed(schema.inputs().get(input).type());
    }

    private static DType first(Op op) {
        Set<DType> types = types(op, 0);
        return types.contains(DType.FLOAT32) ? DType.FLOAT32 : types.iterator().next();
    }

    /** Normal and special numbers mixed; integers from the whole range and near 0; strings of digits. */
    static Tensor values(DType type, long seed, long... dims) {
        return values(type, SPECIAL, seed, dims);
    }

    /** Values without numbers whose order of summation decides between a number and an infinity. */
    private static Tensor summands(DType type, long seed, long... dims) {
        return values(type, new double[] {0, -0.0, 1e-40, Double.NaN, Double.POSITIVE_INFINITY}, seed, dims);
    }

    private static Tensor values(DType type, double[] special, long seed, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        Random random = new Random(seed);
        for (long i = 0; i < t.size(); i++) {
            boolean odd = random.nextInt(4) == 0;
            if (type == DType.STRING) {
                t.setString(i, Integer.toString(random.nextInt(12)));
            } else if (type.isComplex()) {
                t.setComplex(i, random.nextGaussian(), random.nextGaussian());
            } else if (type.isFloating()) {
                t.setDouble(i, odd ? special[random.nextInt(special.length)] : random.nextGaussian() * 3);
            } else {
                t.setLong(i, odd ? random.nextLong() : random.nextInt(21) - 10);
            }
        }
        return t;
    }
}
