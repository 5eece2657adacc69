package dev.tenon.op.nn;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.StridedVector;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code Y = alpha * A' * B' + beta * C} for matrices, the level-3 operation of BLAS. A' is [m,k], B' is [k,n], and C
 * broadcasts to [m,n]. Integers wrap around. If alpha or beta is not 1, the two terms of an integer result are computed
 * in double and truncated towards zero.
 *
 * @param alpha the factor of the product
 * @param beta the factor of C
 * @param transA whether A holds A' transposed, [k,m]
 * @param transB whether B holds B' transposed, [n,k]
 */
public record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Op {
    /** Inputs A, B and optionally C, output Y. */
    public static final OpSchema SCHEMA = OpSchema.of("Gemm")
            .input("A", "T")
            .input("B", "T")
            .optional("C", "T")
            .output("Y", "T")
            .where("T", MatMul.SCHEMA.allowed("T"))
            .numerics(Numerics.sum(16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of the wrong kind
     */
    public static Gemm of(Attributes a) {
        return new Gemm(a.real("alpha", 1), a.real("beta", 1), a.flag("transA", false), a.flag("transB", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("alpha", alpha, 1f)
                .unless("beta", beta, 1f)
                .unless("transA", transA, false)
                .unless("transB", transB, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Dim[] a = matrix(c, 0, transA);
        Dim[] b = matrix(c, 1, transB);
        if (a[1] != null && b[0] != null && Dims.differ(a[1], b[0])) {
            throw c.error(
                    "shapes " + c.shape(0) + " and " + c.shape(1) + " with transA " + transA + ", transB " + transB
                            + " meet in " + a[1] + " columns and " + b[0] + " rows",
                    "as many columns on the left as rows on the right",
                    null);
        }
        Shape shape = Shape.of(a[0] == null ? c.freshDim() : a[0], b[1] == null ? c.freshDim() : b[1]);
        if (c.has(2)) {
            Broadcasting.check(c, 2, "C", shape);
        }
        return List.of(new TensorType(c.dtype(0), shape));
    }

    private static Dim[] matrix(InferContext c, int input, boolean transposed) {
        Shape s = c.shape(input);
        if (!s.hasRank()) {
            return new Dim[2];
        }
        if (s.rank() != 2) {
            throw c.error(
                    "input " + input + " of shape " + s, "matrices, of rank 2", "flatten the operand, or use MatMul");
        }
        return transposed ? new Dim[] {s.dim(1), s.dim(0)} : new Dim[] {s.dim(0), s.dim(1)};
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(1);
        Tensor c = in.tensorOrNull(2);
        long m = a.dim(transA ? 1 : 0);
        long k = a.dim(transA ? 0 : 1);
        long n = b.dim(transB ? 0 : 1);
        Tensor y = Tensor.allocate(a.dtype(), m, n);
        long[] dims = y.dims();
        for (long i = 0; i < y.size(); i++) {
            long row = i / n;
            long column = i % n;
            StridedVector x = new StridedVector(a, transA ? row : row * k, transA ? m : 1);
            StridedVector z = new StridedVector(b, transB ? column * k : column, transB ? 1 : n);
            long cAt = c == null ? -1 : Broadcasting.offset(i, dims, c.dims());
            if (a.dtype().isFloating()) {
                double product = alpha * x.dot(z, k);
                y.setDouble(i, c == null ? product : product + beta * c.getDouble(cAt));
            } else {
                long product = scale(alpha, x.integerDot(z, k));
                y.setLong(i, c == null ? product : product + scale(beta, c.getLong(cAt)));
            }
        }
        return List.of(y);
    }

    private static long scale(float factor, long value) {
        return factor == 1 ? value : (long) ((double) factor * value);
    }
}
