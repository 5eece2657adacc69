package dev.tenon.kernel.x64.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.gemm.Addend;
import dev.tenon.kernel.gemm.ByteMatrix;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import dev.tenon.kernel.gemm.MatrixStack;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.gemm.ReducedGemmProblem;
import dev.tenon.nativecode.Processor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.TestData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kernels of products as they are for tile registers: parts, rows with padding, zero points. Vectors stand in for tile
 * registers, which many processors do not have.
 */
@Tag("vector")
class TileRegisterGemmTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** Vectors add 128 to signed bytes of A, which tile registers do not. */
    private record StandIn(PanelProduct vectors, boolean signedA, int rows) implements PanelProduct {
        @Override
        public String id() {
            return vectors.id();
        }

        @Override
        public String tile() {
            return vectors.tile();
        }

        @Override
        public void run(MemorySegment block, int columns) {
            move(block, -128);
            vectors.run(block, columns);
            move(block, 128);
        }

        private void move(MemorySegment block, int by) {
            long at = TileBlock.get(block, TileArgument.ROW_ZEROS) - block.address();
            long step = TileBlock.get(block, TileArgument.ROW_ZERO_STEP);
            for (int i = 0; i < (step == 0 ? 1 : rows) && signedA; i++) {
                block.set(ValueLayout.JAVA_INT, at + i * step, block.get(ValueLayout.JAVA_INT, at + i * step) + by);
            }
        }
    }

    @Test
    void sumsOfRandomProducts() {
        boolean there = Processor.detect().containsAll(new ByteProduct(512, true).needs());
        TestData.needs(there, "no AVX512-VNNI", "tenon.test.every.processor");
        for (int i = 0; i < 60; i++) {
            int m = 1 + random.nextInt(i % 3 == 0 ? 400 : 60);
            product(m, 1 + random.nextInt(130), 1 + random.nextInt(300), i % 2 == 0, random.nextBoolean());
        }
    }

    private void product(int m, int n, int k, boolean signedA, boolean perRow) {
        Tensor a = Literals.random(signedA ? DType.INT8 : DType.UINT8, random.nextLong(), m, k);
        Tensor b = Literals.random(DType.INT8, random.nextLong(), k, n);
        Tensor zeros = Literals.random(a.dtype(), random.nextLong(), perRow ? m : 1);
        int bZero = random.nextInt(3);
        BytePanelLayout layout = new BytePanelLayout(new int[] {bZero}, true);
        IntegerGemmProblem p = new IntegerGemmProblem(
                new ProductSize(m, n, k),
                new ByteMatrix(signedA, 2, perRow),
                new ByteMatrix(true),
                layout,
                false,
                new OutputPlace(3));
        Kernel kernel = X64IntegerGemm.ofTileRegisters(
                p,
                rows -> new StandIn(
                        new BlockProduct(new ByteProduct(512, signedA), X64IntegerGemm.ends(p), 1, rows),
                        signedA,
                        rows));
        Arena arena = Arena.ofAuto();
        MemorySegment packed = arena.allocate(layout.sizes(k, n).all(), 64);
        layout.pack(b, packed);
        MemorySegment y = arena.allocate((long) m * n * Integer.BYTES, 64);
        MemorySegment left = arena.allocate(a.byteSize(), 64).copyFrom(a.segment());
        MemorySegment[] operands = {left, packed, zeros.segment(), y};
        kernel.runAll(operands, arena.allocate(kernel.scratchBytes(), 64));
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                int sum = 0;
                for (int t = 0; t < k; t++) {
                    long zero = zeros.getLong(perRow ? i : 0);
                    sum += (int) ((a.getLong((long) i * k + t) - zero) * (b.getLong((long) t * n + j) - bZero));
                }
                int found = y.getAtIndex(ValueLayout.JAVA_INT, (long) i * n + j);
                if (found != sum) {
                    throw new AssertionError("seed " + seed + ": " + m + " x " + n + " x " + k + " at " + i + ", " + j
                            + " is " + found + " and not " + sum);
                }
            }
        }
    }

    /** Rows of float32 have the same results whatever their parts are. */
    @Test
    void reducedProductsDoNotDependOnParts() {
        Set<InstructionSet> found = Processor.detect();
        boolean there = found.containsAll(new BFloat16Product().needs())
                && found.containsAll(new ByteProduct(512, true).needs());
        TestData.needs(there, "no AVX512-BF16 and VNNI", "tenon.test.every.processor");
        for (int i = 0; i < 40; i++) {
            int m = 1 + random.nextInt(i % 3 == 0 ? 400 : 60);
            int n = 1 + random.nextInt(130);
            int k = 1 + random.nextInt(300);
            for (ReducedGemmProblem.Kind kind : ReducedGemmProblem.Kind.values()) {
                int y = kind == ReducedGemmProblem.Kind.BYTES ? 3 : 2;
                GemmProblem product = new GemmProblem(
                        DType.FLOAT32,
                        new ProductSize(m, n, k),
                        MatrixStack.single(false, false),
                        DType.INT8,
                        1,
                        Addend.NONE,
                        new OutputPlace(y));
                ReducedGemmProblem p = new ReducedGemmProblem(product, kind);
                MemorySegment[] operands = reducedOperands(m, n, k, kind);
                Kernel vectors = X64ReducedGemm.of(p, ByteArithmetic.DOTS_512);
                vectors.runAll(operands, scratch(vectors));
                byte[] expected = operands[y].toArray(ValueLayout.JAVA_BYTE);
                operands[y].fill((byte) 0x55);
                Kernel kernel = X64ReducedGemm.ofTileRegisters(
                        p, rows -> X64ReducedGemm.vectors(p, ByteArithmetic.DOTS_512, rows));
                kernel.runAll(operands, scratch(kernel));
                assertThat(operands[y].toArray(ValueLayout.JAVA_BYTE))
                        .as("seed %d: %s, %d x %d x %d", seed, kind, m, n, k)
                        .isEqualTo(expected);
            }
        }
    }

    private static MemorySegment scratch(Kernel kernel) {
        return Arena.ofAuto().allocate(kernel.scratchBytes(), 64);
    }

    private MemorySegment[] reducedOperands(int m, int n, int k, ReducedGemmProblem.Kind kind) {
        boolean bytes = kind == ReducedGemmProblem.Kind.BYTES;
        Layout layout = bytes ? new BytePanelLayout(new int[1], true) : new BFloat16PanelLayout();
        Tensor b = Literals.random(bytes ? DType.INT8 : DType.BFLOAT16, random.nextLong(), k, n);
        MemorySegment packed = Arena.ofAuto().allocate(layout.byteSize(b.type()), 64);
        layout.pack(b, packed);
        MemorySegment a = KernelRun.operand(Literals.random(DType.FLOAT32, random.nextLong(), m, k));
        MemorySegment y = Arena.ofAuto().allocate((long) m * n * Float.BYTES, 64);
        MemorySegment scales = KernelRun.operand(Literals.random(DType.FLOAT32, random.nextLong(), n));
        return bytes ? new MemorySegment[] {a, packed, scales, y} : new MemorySegment[] {a, packed, y};
    }
}
