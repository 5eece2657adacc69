package dev.tenon.kernel.x64.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.nativecode.Processor;
import dev.tenon.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A function leaves the registers of its caller as they were, and the upper halves of vectors clear. An assembled caller fills
 * its registers with numbers, calls, and writes down what they hold then.
 */
@Tag("vector")
class CallingConventionTest {
    /** The registers that belong to the caller, by the calling convention of Linux. */
    private static final List<Gpr> KEPT = List.of(Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15);

    private static final long POISON = 0xDEAD_BEEF_0123_4560L;
    private static final int CONTROL = 56;

    /** The bits of MXCSR that say which exceptions there were. A function may set them. */
    private static final int RAISED = 0x3F;

    private static final int VECTORS = 64;
    private static final int VECTOR_BYTES = 32;

    static List<TileProduct> products() {
        return TileFunctionTest.products();
    }

    /** A function of the address of a block, a function, and memory for what registers hold after its return. */
    private static byte[] caller() {
        X64Assembler poison = new X64Assembler(Set.of());
        X64Assembler save = new X64Assembler(Set.of(InstructionSet.AVX2));
        for (int i = 0; i < KEPT.size(); i++) {
            poison.mov(KEPT.get(i), POISON + i);
            save.store(Address.at(Gpr.RDX, i * Long.BYTES), KEPT.get(i));
        }
        for (int i = 0; i < 16; i++) {
            Address to = Address.at(Gpr.RDX, VECTORS + VECTOR_BYTES * i);
            save.emit(VectorInstruction.VMOVUPS_STORE, to, VectorRegister.ymm(i));
        }
        save.vzeroupper();
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        // push rbx, rbp, r12, r13, r14, r15, rdx: an odd number, so that the stack is aligned at the call.
        raw(code, "53 55 4154 4155 4156 4157 52");
        code.writeBytes(poison.toBytes());
        // call rsi; pop rdx; stmxcsr [rdx+56]
        raw(code, "FFD6 5A 0FAE5A38");
        code.writeBytes(save.toBytes());
        // pop r15, r14, r13, r12, rbp, rbx; ret
        raw(code, "415F 415E 415D 415C 5D 5B C3");
        return code.toByteArray();
    }

    private static void raw(ByteArrayOutputStream code, String bytes) {
        code.writeBytes(HexFormat.of().parseHex(bytes.replace(" ", "")));
    }

    @ParameterizedTest
    @MethodSource("products")
    void registersOfTheCallerAreKept(TileProduct product) {
        boolean there = Processor.detect().containsAll(product.needs());
        String absence = "no " + product.suffix() + ": run on a processor that has it";
        TestData.needs(there, absence, "tenon.test.every.processor");
        NativeFunction caller = KernelCode.of("test_caller", CallingConventionTest::caller);
        NativeFunction nothing = KernelCode.of("test_nothing", () -> new byte[] {(byte) 0xC3});
        Random random = new Random(5);
        TileMemory memory = new TileMemory(random, product instanceof ByteProduct ? "i8" : product.operands(), false);
        MemorySegment after = Arena.ofAuto().allocate(VECTORS + 16 * VECTOR_BYTES, 64);
        MemorySegment before = Arena.ofAuto().allocate(VECTORS + 16 * VECTOR_BYTES, 64);
        for (TileEnds ends : TileFunctionTest.ends(product)) {
            for (int vectors : new int[] {2, 4}) {
                int panelVectors = TileCase.panelVectors(product);
                int columns = vectors * product.bits() / Integer.SIZE;
                for (int rows = 1; rows <= BlockProduct.maxRows(product, ends, vectors); rows++) {
                    TileCase c = TileCase.random(random, product, ends, vectors / panelVectors, rows, columns, 7);
                    MemorySegment block = memory.block(c, true);
                    TileBlock.set(block, TileArgument.TILES, 1);
                    TileBlock.set(block, TileArgument.GROUPS, 1);
                    TileBlock.setLastMasks(block, columns, product.bits());
                    NativeFunction function = TileFunctionTest.function(product, ends, rows, vectors);
                    call(caller, nothing, block, before);
                    call(caller, function, block, after);
                    check(before, after, c.toString());
                }
            }
        }
    }

    private static void call(NativeFunction caller, NativeFunction function, MemorySegment block, MemorySegment to) {
        to.fill((byte) 0x77);
        caller.call(block.address(), function.address().address(), to.address(), 0, 0, 0);
    }

    private static void check(MemorySegment before, MemorySegment after, String what) {
        for (int i = 0; i < KEPT.size(); i++) {
            assertThat(after.getAtIndex(ValueLayout.JAVA_LONG, i))
                    .as("%s after %s", KEPT.get(i), what)
                    .isEqualTo(POISON + i);
        }
        assertThat(after.get(ValueLayout.JAVA_INT, CONTROL) & ~RAISED)
                .as("MXCSR after %s", what)
                .isEqualTo(before.get(ValueLayout.JAVA_INT, CONTROL) & ~RAISED);
        for (int i = 0; i < 16; i++) {
            long upper = VECTORS + (long) VECTOR_BYTES * i + 16;
            assertThat(after.get(ValueLayout.JAVA_LONG, upper) | after.get(ValueLayout.JAVA_LONG, upper + 8))
                    .as("upper half of vector %d after %s", i, what)
                    .isZero();
        }
    }
}
