package dev.tenon.kernel.x64.tabular;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R11;
import static dev.tenon.asm.Gpr.R12;
import static dev.tenon.asm.Gpr.R13;
import static dev.tenon.asm.Gpr.R14;
import static dev.tenon.asm.Gpr.R15;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RAX;
import static dev.tenon.asm.Gpr.RBX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDX;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.ConstantPool;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.tabular.TreeRecords;
import dev.tenon.kernel.x64.ArgumentSlot;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * Writes the functions that make keys of features: eight rows of features become columns of eight unsigned integers that have the
 * order of the features. A column says which key NaN gets.
 */
final class KeyEmitter {
    /** The arguments of the function. */
    enum Argument implements ArgumentSlot {
        /** The columns: for each the offset of its feature in a row, bytes, and the key of NaN. */
        COLUMNS,
        /** The number of columns, at least 1. */
        COUNT,
        /** The keys. */
        KEYS,
        /** The first one of eight rows. The others follow. */
        ROW;

        /** The size of a block of arguments, a multiple of 64 bytes. */
        static final int BYTES = 192;

        /** Sets the address of a row in a block that starts at an offset. */
        static void row(MemorySegment memory, long block, int i, long address) {
            memory.set(ValueLayout.JAVA_LONG, block + ROW.offset() + (long) i * Long.BYTES, address);
        }
    }

    /** The size of the description of a column: the offset of its feature, and from {@link #NAN_OFFSET} the key of NaN. */
    static final int COLUMN_BYTES = 64;

    /** The place in a description of the key of NaN, repeated for a whole vector. */
    static final int NAN_OFFSET = 32;

    /** The size of the vectors. */
    static final int VECTOR_BYTES = 32;

    private static final int UNORDERED = 3;
    private static final int SIGN_BIT = 31;
    private static final Gpr POOL = RAX;
    private static final Gpr COLUMN = RBX;
    private static final Gpr OFFSET = RCX;
    private static final Gpr KEYS = RDX;
    private static final Gpr COUNT = Gpr.RSI;
    private static final Gpr[] ROWS = {R8, R9, R10, R11, R12, R13, R14, R15};

    private final X64Assembler a = new X64Assembler(Set.of(InstructionSet.AVX2));
    private final ConstantPool pool = new ConstantPool(a, POOL);
    private final VectorRegister x = VectorRegister.ymm(0);
    private final VectorRegister high = VectorRegister.xmm(1);
    private final VectorRegister nan = VectorRegister.ymm(2);
    private final VectorRegister missing = VectorRegister.ymm(3);
    private final VectorRegister sign = VectorRegister.ymm(4);
    private final VectorRegister zero = VectorRegister.ymm(5);
    private final boolean doubles;

    private KeyEmitter(boolean doubles) {
        this.doubles = doubles;
    }

    /**
     * The function for features of a type. Its argument is the address of a block of {@link Argument}s.
     *
     * @param doubles whether features are double rather than float
     * @return the function
     */
    static NativeFunction of(boolean doubles) {
        return KernelCode.of(
                doubles ? "trees_keys_f64_avx2" : "trees_keys_f32_avx2", () -> new KeyEmitter(doubles).emit());
    }

    private byte[] emit() {
        Label column = new Label();
        int signBit = doubles
                ? pool.table(0, Integer.MIN_VALUE, 0, Integer.MIN_VALUE, 0, Integer.MIN_VALUE, 0, Integer.MIN_VALUE)
                : pool.repeated(Integer.MIN_VALUE, TreeRecords.WALKS).displacement();
        Frame.enter(a);
        pool.loadAddress();
        a.mov(COLUMN, Argument.COLUMNS.address());
        a.mov(COUNT, Argument.COUNT.address());
        a.mov(KEYS, Argument.KEYS.address());
        for (int i = 0; i < ROWS.length; i++) {
            a.mov(ROWS[i], Address.at(Frame.BLOCK, Argument.ROW.offset() + i * Long.BYTES));
        }
        a.emit(VectorInstruction.VXORPS, zero, zero, zero);
        a.align();
        a.bind(column);
        a.mov32(OFFSET, Address.at(COLUMN, 0));
        a.emit(VectorInstruction.VMOVUPS, nan, Address.at(COLUMN, NAN_OFFSET));
        int vectors = doubles ? 2 : 1;
        for (int v = 0; v < vectors; v++) {
            if (doubles) {
                two(x.as(128), 4 * v);
                two(high, 4 * v + 2);
            } else {
                four(x.as(128), 0);
                four(high, TreeRecords.WALKS / 2);
            }
            a.emit(VectorInstruction.VINSERTF128, x, x, high, 1);
            convert(Address.at(POOL, signBit));
            a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(KEYS, v * VECTOR_BYTES), x);
        }
        a.add(COLUMN, COLUMN_BYTES);
        a.add(KEYS, vectors * VECTOR_BYTES);
        a.sub(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, column);
        Frame.leave(a);
        pool.append();
        return a.toBytes();
    }

    /** Makes keys of features. Negative zeros become zeros. Negative numbers are complemented, others get the highest bit. */
    private void convert(Address signBit) {
        a.emit(doubles ? VectorInstruction.VADDPD : VectorInstruction.VADDPS, x, x, zero);
        a.emit(doubles ? VectorInstruction.VCMPPD : VectorInstruction.VCMPPS, missing, x, x, UNORDERED);
        if (doubles) {
            a.emit(VectorInstruction.VPCMPGTQ, sign, zero, x);
        } else {
            a.emit(VectorInstruction.VPSRAD, sign, x, SIGN_BIT);
        }
        a.emit(VectorInstruction.VPOR, sign, sign, signBit);
        a.emit(VectorInstruction.VPXOR, x, x, sign);
        a.emit(VectorInstruction.VBLENDVPS, x, x, nan, missing.number() << 4);
    }

    /** Loads a float feature of four rows. */
    private void four(VectorRegister to, int first) {
        a.emit(VectorInstruction.VMOVSS, to, Address.at(ROWS[first], OFFSET, 1, 0));
        for (int i = 1; i < TreeRecords.WALKS / 2; i++) {
            a.emit(VectorInstruction.VPINSRD, to, to, Address.at(ROWS[first + i], OFFSET, 1, 0), i);
        }
    }

    /** Loads a double feature of two rows. */
    private void two(VectorRegister to, int first) {
        a.emit(VectorInstruction.VMOVSD, to, Address.at(ROWS[first], OFFSET, 1, 0));
        a.emit(VectorInstruction.VMOVHPS, to, to, Address.at(ROWS[first + 1], OFFSET, 1, 0));
    }
}
