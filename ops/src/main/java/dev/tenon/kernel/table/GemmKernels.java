package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.scalar.gemm.ScalarGemm;
import dev.tenon.kernel.vector.gemm.PanelLayout;
import dev.tenon.kernel.vector.gemm.VectorAxpyGemm;
import dev.tenon.kernel.vector.gemm.VectorDotGemm;
import dev.tenon.kernel.vector.gemm.VectorGemmKernel;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.geometry.MatrixProduct;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Kernels of matrix products of floats. Element types without a kernel run through the reference. */
public final class GemmKernels {
    /** The kernels of products of floats. */
    public static final KernelTable<GemmProblem> TABLE = new KernelTable<>(
            "gemm",
            List.of(
                    new KernelChoice<>("gemm_f32_dots_vector", GemmKernels::refuseDots, (p, c) -> VectorDotGemm.of(p)),
                    new KernelChoice<>("gemm_f32_rows_vector", GemmKernels::refuseRows, (p, c) -> VectorAxpyGemm.of(p)),
                    new KernelChoice<>(
                            "gemm_f32_vector",
                            GemmKernels::refuseVector,
                            (p, c) -> VectorGemmKernel.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "gemm_f32_scalar", (p, c) -> refuseScalar(p, DType.FLOAT32), ScalarGemm::ofFloats),
                    new KernelChoice<>(
                            "gemm_f64_scalar", (p, c) -> refuseScalar(p, DType.FLOAT64), ScalarGemm::ofDoubles)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(MatMul.class, new OfMatMul())
            .with(Gemm.class, new OfGemm())
            .with(TransposedMatMul.class, new OfTransposedMatMul());

    /** What plain loops are taken to do, so that products of a few small rows are left to them. */
    private static final double PRODUCTS_PER_NANO = 6;

    /** Right operands of fewer elements stay as they lie: a product of a few rows then runs in plain loops. */
    private static final long LEAST_PACKED_PER_NANO = 2;

    // Picoseconds of one current core, by which ways to the same product are compared: only ratios count.

    /** To pack an element of a right operand that lies as [k,n]. */
    private static final double PACK = 150;

    /** To pack an element of one that lies transposed. */
    private static final double PACK_TRANSPOSED = 570;

    /** A multiplication of packed operands. */
    private static final double MULTIPLY_PACKED = 10;

    /** A multiplication by rows as they lie, and a row of vectors. */
    private static final double MULTIPLY_ROWS = 40;

    private static final double ROW = 170;

    /** A multiplication by dot products of rows as they lie, and a dot product. */
    private static final double MULTIPLY_DOTS = 30;

    private static final double DOT = 10_000;

    private GemmKernels() {}

    private static String refuseVector(GemmProblem p, Capabilities c) {
        if (p.dtype() != DType.FLOAT32) {
            return "the element type is " + p.dtype().text();
        }
        double products = (double) p.count() * p.m() * p.n() * p.k();
        return c.refuseVector(p.packedB() ? Double.MAX_VALUE : products / PRODUCTS_PER_NANO);
    }

    /** Against products whose elements are dot products of rows that lie in memory. */
    private static String refuseDots(GemmProblem p, Capabilities c) {
        if (p.packedB()) {
            return "the right operand is packed";
        }
        if (p.transA() || p.n() != 1 && !p.transB()) {
            return "the terms of an element do not lie one behind the other";
        }
        boolean slow = p.n() != 1
                && p.m() * (DOT + MULTIPLY_DOTS * p.k()) > (PACK_TRANSPOSED + MULTIPLY_PACKED * p.m()) * p.k();
        return slow ? "to pack the right operand costs less" : refuseVector(p, c);
    }

    /** Against products whose rows are sums of rows that lie in memory. */
    private static String refuseRows(GemmProblem p, Capabilities c) {
        if (p.packedB()) {
            return "the right operand is packed";
        }
        if (p.transB()) {
            return "the right operand lies transposed";
        }
        int lanes = c.vectorBits() / Float.SIZE;
        if ((p.n() == 1 ? p.m() : p.n()) < lanes) {
            return "the rows are shorter than a vector";
        }
        boolean slow = p.n() != 1 && p.m() * (MULTIPLY_ROWS + ROW * lanes / p.n()) > PACK + MULTIPLY_PACKED * p.m();
        return slow ? "to pack the right operand costs less" : refuseVector(p, c);
    }

    private static String refuseScalar(GemmProblem p, DType type) {
        if (p.dtype() != type) {
            return "the element type is " + p.dtype().text();
        }
        return p.packedB() ? "the right operand is packed" : null;
    }

    static boolean fits(long... sizes) {
        long product = 1;
        for (long size : sizes) {
            if (size > Integer.MAX_VALUE / 8) {
                return false;
            }
            product = Math.multiplyHigh(product, size) == 0 ? product * size : -1;
            if (product < 0) {
                return false;
            }
        }
        return true;
    }

    private static Layout panels(KernelRequest step, int input, boolean transposed) {
        Tensor b = step.constant(input);
        if (b == null
                || b.dtype() != DType.FLOAT32
                || b.rank() < 2
                || !fits(b.dims())
                || !step.capabilities().vector()
                || b.size() < LEAST_PACKED_PER_NANO * step.capabilities().minVectorNanos()) {
            return Layout.ROW_MAJOR;
        }
        long columns = b.dim(b.rank() - (transposed ? 2 : 1));
        // A matrix times one column is read as it lies.
        return columns == 1
                ? Layout.ROW_MAJOR
                : new PanelLayout(step.capabilities().vectorBits() / Float.SIZE * 2, transposed);
    }

    private static boolean isFloat(KernelRequest step) {
        return step.dtype(0) == DType.FLOAT32 || step.dtype(0) == DType.FLOAT64;
    }

    /** How many products after each other have the same right matrix, and left ones that lie one behind the other. */
    private static int shared(int[] left, int[] right) {
        int shared = 0;
        while (shared < right.length && right[shared] == right[0] && left[shared] == left[0] + shared) {
            shared++;
        }
        boolean all = shared > 1 && right.length % shared == 0;
        for (int i = 0; all && i < right.length; i++) {
            int first = i / shared * shared;
            all = right[i] == right[first] && left[i] == left[first] + i - first && left[first] % shared == 0;
        }
        return all ? shared : 1;
    }

    private static IntUnaryOperator every(int[] values, int step) {
        return i -> values[i * step];
    }

    /** The problem of a product, or null if there is no kernel for it. */
    static GemmProblem problem(MatMul op, KernelRequest step) {
        return product(step, step.dims(1), false);
    }

    /** The problem of a product, or null if there is no kernel for it. */
    static GemmProblem problem(TransposedMatMul op, KernelRequest step) {
        long[] b = step.dims(1);
        long n = b[b.length - 2];
        b[b.length - 2] = b[b.length - 1];
        b[b.length - 1] = n;
        return product(step, b, true);
    }

    /** The problem of a product whose right operand has some dimensions, perhaps once each of its matrices is turned. */
    private static GemmProblem product(KernelRequest step, long[] b, boolean transB) {
        long[] a = step.dims(0);
        if (!isFloat(step) || !fits(step.inputs().get(0).shape().knownElements())) {
            return null;
        }
        long k = a[a.length - 1];
        long m = a.length == 1 ? 1 : a[a.length - 2];
        long n = b.length == 1 ? 1 : b[b.length - 1];
        boolean packed = step.layout(1) instanceof PanelLayout;
        int[] left;
        int[] right;
        if (b.length <= 2) {
            // One right matrix for all: the left matrices are one of many rows.
            m = step.inputs().get(0).shape().knownElements() / Math.max(1, k);
            if (k == 0) {
                m = step.outputs().getFirst().shape().knownElements() / Math.max(1, n);
            }
            left = new int[1];
            right = new int[1];
        } else {
            MatrixProduct product = MatrixProduct.of(a, b);
            long elements = step.outputs().getFirst().shape().knownElements();
            long count = elements == 0 ? 0 : product.count();
            if (!fits(count)) {
                return null;
            }
            left = new int[(int) count];
            right = new int[(int) count];
            for (int i = 0; i < count; i++) {
                left[i] = (int) (product.leftOffset(i) / Math.max(1, m * k));
                right[i] = (int) (product.rightOffset(i) / Math.max(1, k * n));
            }
            int shared = shared(left, right);
            if (shared > 1 && fits(m * shared, n) && fits(m * shared, k)) {
                // Products with one right matrix are one of more rows.
                m *= shared;
                left = IntStream.range(0, left.length / shared)
                        .map(every(left, shared))
                        .map(i -> i / shared)
                        .toArray();
                right = IntStream.range(0, right.length / shared)
                        .map(every(right, shared))
                        .toArray();
            }
        }
        if (!fits(m, n) || !fits(m, k) || !fits(k, n)) {
            return null;
        }
        return new GemmProblem(
                step.dtype(0),
                (int) m,
                (int) n,
                (int) k,
                left,
                right,
                false,
                transB && n > 1 && k > 1,
                packed,
                1,
                1,
                -1,
                0,
                0,
                step.inputCount(),
                null);
    }

    /** The problem of a product, or null if there is no kernel for it. */
    static GemmProblem problem(Gemm op, KernelRequest step) {
        long[] a = step.dims(0);
        long[] b = step.dims(1);
        if (!isFloat(step)) {
            return null;
        }
        long m = a[op.transA() ? 1 : 0];
        long k = a[op.transA() ? 0 : 1];
        long n = b[op.transB() ? 0 : 1];
        if (!fits(m, n) || !fits(m, k) || !fits(k, n)) {
            return null;
        }
        int row = 0;
        int column = 0;
        if (step.has(2)) {
            long[] c = step.dims(2);
            column = c.length > 0 && c[c.length - 1] > 1 ? 1 : 0;
            row = c.length == 2 && c[0] > 1 ? (int) c[1] : 0;
        }
        return new GemmProblem(
                step.dtype(0),
                (int) m,
                (int) n,
                (int) k,
                new int[1],
                new int[1],
                op.transA() && m > 1 && k > 1,
                op.transB() && n > 1 && k > 1,
                step.layout(1) instanceof PanelLayout,
                op.alpha(),
                op.beta(),
                step.has(2) ? 2 : -1,
                row,
                column,
                step.inputCount(),
                null);
    }

    private static final class OfMatMul implements KernelLowering<MatMul> {
        @Override
        public Layout constantLayout(MatMul op, int input, KernelRequest step) {
            return input == 1 ? panels(step, 1, false) : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(MatMul op, KernelRequest step) {
            GemmProblem problem = problem(op, step);
            return problem == null ? null : TABLE.prepare(problem, step.capabilities());
        }
    }

    private static final class OfTransposedMatMul implements KernelLowering<TransposedMatMul> {
        @Override
        public Layout constantLayout(TransposedMatMul op, int input, KernelRequest step) {
            return input == 1 ? panels(step, 1, true) : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(TransposedMatMul op, KernelRequest step) {
            GemmProblem problem = problem(op, step);
            return problem == null ? null : TABLE.prepare(problem, step.capabilities());
        }
    }

    private static final class OfGemm implements KernelLowering<Gemm> {
        @Override
        public Layout constantLayout(Gemm op, int input, KernelRequest step) {
            return input == 1 ? panels(step, 1, op.transB()) : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(Gemm op, KernelRequest step) {
            GemmProblem problem = problem(op, step);
            return problem == null ? null : TABLE.prepare(problem, step.capabilities());
        }
    }
}
