package dev.tenon.kernel.table.gemm;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.gemm.Addend;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.MatrixStack;
import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.scalar.gemm.ScalarGemm;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.gemm.VectorAxpyGemm;
import dev.tenon.kernel.vector.gemm.VectorDotGemm;
import dev.tenon.kernel.vector.gemm.VectorGemmKernel;
import dev.tenon.kernel.x64.gemm.X64FloatGemm;
import dev.tenon.op.Op;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.geometry.MatrixProduct;
import dev.tenon.op.nn.Gemm;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Kernels of matrix products of float32 and float64. Other element types run through the reference. */
public final class GemmKernels implements AnchorFamily<GemmProblem> {
    /** The kernels of the family. */
    public static final KernelTable<GemmProblem> TABLE = new KernelTable<>(
            "gemm",
            List.of(
                    assembled(DType.FLOAT32),
                    assembled(DType.FLOAT16),
                    assembled(DType.BFLOAT16),
                    new KernelChoice<>(
                            "gemm_f32_packing_x64",
                            CodeForm.PANELS,
                            GemmKernels::refusePacking,
                            (p, c, form) -> X64FloatGemm.of(p, form.bits(), c.caches())),
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

    /** The family. */
    public static final GemmKernels FAMILY = new GemmKernels();

    /** A product with one column that takes time has more rows than other products, by about this factor. */
    private static final double ROWS_OF_ONE = 16;

    /** Columns longer than this are not packed: a panel has room for many more columns than one. */
    private static final long MAX_PACKED_COLUMN = 512;

    // Estimates for one core, by which kernels for the same product are compared. Only their ratios matter. Times of
    // multiplications are those of a vector of 16 lanes.

    /** To pack an element of a right operand of dimensions [k,n], picoseconds. */
    private static final double PACK_PICOS = 150;

    /** To pack an element of a transposed right operand, of dimensions [n,k]. */
    private static final double PACK_TRANSPOSED_PICOS = 570;

    /** A multiplication with a packed right operand. */
    private static final double PACKED_PICOS = 10;

    /** A multiplication by sums of rows that are not packed. */
    private static final double ROWS_PICOS = 40;

    /** The additional time of such a sum, for a vector of columns. */
    private static final double ROW_VECTOR_PICOS = 170;

    /** A multiplication by dot products of rows that are not packed. */
    private static final double DOTS_PICOS = 30;

    /** The additional time of a dot product. */
    private static final double DOT_PICOS = 10_000;

    /** Why there is no problem of a product. */
    static final String TOO_LARGE = "a matrix or the number of products is too large";

    /** Why no kernel applies a body. */
    static final String NO_LOOP = "an operator of the body has no loop for these types and shapes";

    private static final double WIDE_SPEED = Ratios.multiplyAddsPerNano(16);

    private GemmKernels() {}

    private static KernelChoice<GemmProblem> assembled(DType panels) {
        return new KernelChoice<>(
                assembledId(panels),
                CodeForm.PANELS,
                (p, c) -> refuseAssembled(p, panels),
                (p, c, form) -> X64FloatGemm.of(p, form.bits(), c.caches()));
    }

    /** The id of the kernel in machine code that reads panels of a type. */
    private static String assembledId(DType panels) {
        return "gemm_f32" + (panels == DType.FLOAT32 ? "" : panels.text()) + "_x64";
    }

    /** Why machine code does not compute a product with panels of a type. */
    private static String refuseAssembled(GemmProblem p, DType panels) {
        if (p.dtype() != DType.FLOAT32) {
            return "the element type is " + p.dtype().text();
        }
        if (!p.packedB()) {
            return "the right operand is not packed";
        }
        if (p.panels() != panels) {
            return "the panels hold " + p.panels().text();
        }
        if (p.transA() || p.alpha() != 1 || p.c().operand() >= 0 && !p.hasRowBias()) {
            return "it is more than a product and a row bias";
        }
        return null;
    }

    /** Why machine code does not pack the right operand of a product in each run. */
    private static String refusePacking(GemmProblem p, Capabilities c) {
        if (p.dtype() != DType.FLOAT32) {
            return "the element type is " + p.dtype().text();
        }
        if (p.packedB()) {
            return "the right operand is packed";
        }
        if (p.alpha() != 1 || p.c().operand() >= 0 && !p.hasRowBias()) {
            return "it is more than a product and a row bias";
        }
        if (p.n() == 1 || p.count() > 1 && 2 * p.n() <= c.panelColumns()) {
            return "a panel has room for many more columns";
        }
        return refuseDots(p, c) == null || refuseRows(p, c) == null
                ? "packing the right operand is slower than to read its rows"
                : null;
    }

    private static String refuseVector(GemmProblem p, Capabilities c) {
        if (p.dtype() != DType.FLOAT32) {
            return "the element type is " + p.dtype().text();
        }
        if (p.hasNarrowPanels()) {
            return "the panels hold " + p.panels().text();
        }
        double rowNanos = (double) p.n() * p.k() / Ratios.multiplyAddsPerNano(1);
        return c.refuseLines(p.packedB() ? Double.MAX_VALUE : p.n() == 1 ? ROWS_OF_ONE * rowNanos : rowNanos);
    }

    /** Why a product is not computed by dot products of rows of both operands. */
    private static String refuseDots(GemmProblem p, Capabilities c) {
        if (p.packedB()) {
            return "the right operand is packed";
        }
        if (p.transA() || p.n() != 1 && !p.transB()) {
            return "the terms of an element are not contiguous";
        }
        double packedPicos = picos(PACKED_PICOS, c);
        boolean slow = p.n() != 1
                && p.m() * (DOT_PICOS + picos(DOTS_PICOS, c) * p.k())
                        > (PACK_TRANSPOSED_PICOS + packedPicos * p.m()) * p.k();
        return slow ? "packing the right operand is faster" : refuseVector(p, c);
    }

    /** Why a product is not computed by weighted sums of rows of the right operand. */
    private static String refuseRows(GemmProblem p, Capabilities c) {
        if (p.packedB()) {
            return "the right operand is packed";
        }
        if (p.transB()) {
            return "the right operand is transposed";
        }
        int lanes = c.vectorBits() / Float.SIZE;
        if ((p.n() == 1 ? p.m() : p.n()) < lanes) {
            return "the rows are shorter than a vector";
        }
        boolean slow = p.n() != 1
                && p.m() * (picos(ROWS_PICOS, c) + ROW_VECTOR_PICOS * lanes / p.n())
                        > PACK_PICOS + picos(PACKED_PICOS, c) * p.m();
        return slow ? "packing the right operand is faster" : refuseVector(p, c);
    }

    /** The time of a multiplication with the vectors of a machine. */
    private static double picos(double wide, Capabilities c) {
        return wide * WIDE_SPEED / c.ratios().multiplyAddsPerNano();
    }

    private static String refuseScalar(GemmProblem p, DType type) {
        if (p.dtype() != type) {
            return "the element type is " + p.dtype().text();
        }
        return p.packedB() ? "the right operand is packed" : null;
    }

    /** Whether sizes, and their product, are small enough for offsets of kernels. */
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

    /**
     * The layout of a right operand.
     *
     * @param narrows whether machine code computes the product, if there is machine code: it alone reads 16-bit numbers
     */
    private static Layout panels(KernelRequest step, int input, boolean transposed, boolean narrows) {
        Tensor b = step.constant(input);
        if (b == null
                || b.dtype() != DType.FLOAT32
                || b.rank() < 2
                || !fits(b.dims())
                || step.capabilities().panelColumns() == 0) {
            return Layout.ROW_MAJOR;
        }
        long columns = b.dim(b.rank() - (transposed ? 2 : 1));
        // A panel is much larger than its only column, and each matrix of a stack has a panel.
        return (columns != 1 || b.rank() == 2)
                        && packs(step.capabilities(), columns, b.dim(b.rank() - (transposed ? 1 : 2)))
                ? new PanelLayout(
                        step.capabilities().panelColumns(),
                        transposed,
                        narrows ? panelType(b, step.capabilities()) : DType.FLOAT32)
                : Layout.ROW_MAJOR;
    }

    /** The element type of the panels of a right operand. Numbers that the model stores in 16 bits keep them. */
    private static DType panelType(Tensor b, Capabilities c) {
        Tensor narrow = b.narrow();
        boolean assembled = narrow != null && c.assemblesPanels() && TABLE.admits(assembledId(narrow.dtype()), c);
        return assembled ? narrow.dtype() : DType.FLOAT32;
    }

    private static DType panelType(KernelRequest step) {
        return step.layout(1) instanceof PanelLayout panels ? panels.numbers() : null;
    }

    /** Whether a right operand is packed. This decides the order of sums: it never depends on the rows of the left one. */
    private static boolean packs(Capabilities c, long columns, long k) {
        boolean assembled = c.assemblesPanels();
        return columns != 1 || assembled && k <= MAX_PACKED_COLUMN;
    }

    private static boolean isFloat(KernelRequest step) {
        return step.dtype(0) == DType.FLOAT32 || step.dtype(0) == DType.FLOAT64;
    }

    /**
     * The number of successive products that have the same right matrix and contiguous left matrices, if it is the same for all
     * right matrices; else 1.
     */
    private static int leftsPerRight(int[] left, int[] right) {
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

    private static IntUnaryOperator everyNth(int[] values, int step) {
        return i -> values[i * step];
    }

    @Override
    public KernelTable<GemmProblem> table(GemmProblem problem) {
        return TABLE;
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        if (input != 1) {
            return Layout.ROW_MAJOR;
        }
        if (!(op instanceof Gemm gemm)) {
            return panels(step, 1, op instanceof TransposedMatMul, true);
        }
        boolean product = isProductAndRow(gemm, step);
        boolean reads = step.capabilities().vector() || product;
        return reads ? panels(step, 1, gemm.transB(), product) : Layout.ROW_MAJOR;
    }

    /** Whether it is no more than a product and a row bias, as far as that is known before shapes are. */
    private static boolean isProductAndRow(Gemm op, KernelRequest step) {
        if (op.transA() || op.alpha() != 1) {
            return false;
        }
        if (!step.has(2)) {
            return true;
        }
        Tensor c = step.constant(2);
        return op.beta() == 1 && c != null && c.rank() > 0 && c.size() == c.dim(c.rank() - 1) && c.size() > 1;
    }

    @Override
    public ProblemOrReason<GemmProblem> problem(Op op, KernelRequest step) {
        if (!isFloat(step)) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        GemmProblem problem = op instanceof Gemm gemm
                ? product(gemm, step)
                : product(step, factor(step, op instanceof TransposedMatMul), op instanceof TransposedMatMul);
        return problem == null ? ProblemOrReason.none(TOO_LARGE) : ProblemOrReason.of(problem);
    }

    @Override
    public ProblemOrReason<GemmProblem> with(GemmProblem problem, FusedBody body) {
        GemmProblem fused = fused(problem, body);
        return fused == null ? ProblemOrReason.none(NO_LOOP) : ProblemOrReason.of(fused);
    }

    /** A product with a body as its bias and its epilogue; null if an operator has no loop. */
    static GemmProblem fused(GemmProblem product, FusedBody body) {
        int row = product.c().operand() < 0 && product.alpha() == 1 ? body.addend(-1, product.n()) : -1;
        int first = row < 0 ? 0 : 1;
        TileEpilogue epilogue = body.epilogue(first);
        if (epilogue == null && first < body.parts()) {
            return null;
        }
        boolean floats = epilogue != null && product.dtype() == DType.FLOAT32;
        StoreEpilogue store = floats ? body.store(first, epilogue) : null;
        return (row < 0 ? product : product.withRowBias(row))
                .to(new OutputPlace(body.inputs(), store == null ? epilogue : store));
    }

    /** The dimensions of the right operand, after a transposition. */
    private static long[] factor(KernelRequest step, boolean transposed) {
        long[] b = step.dims(1);
        if (transposed) {
            long n = b[b.length - 2];
            b[b.length - 2] = b[b.length - 1];
            b[b.length - 1] = n;
        }
        return b;
    }

    /** The problem of a product, or null if it is too large. The dimensions of the right operand are those after a transposition. */
    private static GemmProblem product(KernelRequest step, long[] b, boolean transB) {
        long[] a = step.dims(0);
        if (!fits(step.inputs().get(0).shape().knownElements())) {
            return null;
        }
        long k = a[a.length - 1];
        long m = a.length == 1 ? 1 : a[a.length - 2];
        long n = b.length == 1 ? 1 : b[b.length - 1];
        Batch batch = b.length <= 2 ? single(step, n, k) : batch(step, MatrixProduct.of(a, b), m, n, k);
        if (batch == null) {
            return null;
        }
        m = batch.m();
        if (!fits(m, n) || !fits(m, k) || !fits(k, n)) {
            return null;
        }
        return new GemmProblem(
                step.dtype(0),
                new ProductSize((int) m, (int) n, (int) k),
                new MatrixStack(batch.left(), batch.right(), false, transB && n > 1 && k > 1),
                panelType(step),
                1,
                Addend.NONE,
                new OutputPlace(step.inputCount()));
    }

    /**
     * The matrices of a batch of products.
     *
     * @param m the rows of a left matrix
     * @param left the index of the left matrix of each product
     * @param right the index of the right matrix of each product
     */
    private record Batch(long m, int[] left, int[] right) {}

    /** The batch if there is one right matrix: all left matrices are one matrix with more rows. */
    private static Batch single(KernelRequest step, long n, long k) {
        long m = k == 0
                ? step.outputs().getFirst().shape().knownElements() / Math.max(1, n)
                : step.inputs().get(0).shape().knownElements() / k;
        return new Batch(m, new int[1], new int[1]);
    }

    /** The batch of products of several right matrices, or null if there are too many. */
    private static Batch batch(KernelRequest step, MatrixProduct product, long m, long n, long k) {
        long elements = step.outputs().getFirst().shape().knownElements();
        long count = elements == 0 ? 0 : product.count();
        if (!fits(count)) {
            return null;
        }
        int[] left = new int[(int) count];
        int[] right = new int[(int) count];
        for (int i = 0; i < count; i++) {
            left[i] = (int) (product.leftOffset(i) / Math.max(1, m * k));
            right[i] = (int) (product.rightOffset(i) / Math.max(1, k * n));
        }
        int shared = leftsPerRight(left, right);
        if (shared <= 1 || !fits(m * shared, n) || !fits(m * shared, k)) {
            return new Batch(m, left, right);
        }
        // Products with the same right matrix are one product with more rows.
        return new Batch(
                m * shared,
                IntStream.range(0, left.length / shared)
                        .map(everyNth(left, shared))
                        .map(i -> i / shared)
                        .toArray(),
                IntStream.range(0, right.length / shared)
                        .map(everyNth(right, shared))
                        .toArray());
    }

    /** The problem of a product, or null if it is too large. */
    private static GemmProblem product(Gemm op, KernelRequest step) {
        long[] a = step.dims(0);
        long[] b = step.dims(1);
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
                new ProductSize((int) m, (int) n, (int) k),
                MatrixStack.single(op.transA() && m > 1 && k > 1, op.transB() && n > 1 && k > 1),
                panelType(step),
                op.alpha(),
                step.has(2) ? new Addend(op.beta(), 2, row, column) : Addend.NONE,
                new OutputPlace(step.inputCount()));
    }
}
