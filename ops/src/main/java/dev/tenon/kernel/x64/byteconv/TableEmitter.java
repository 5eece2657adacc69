package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.ArgumentSlot;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;

/**
 * Writes a function that looks bytes up in a table of 256, as many at a time as a vector has. A shuffle looks up 16 entries: it
 * gives 0 for an index whose highest bit is set. So for each 16 entries, bytes less the number of the first entry are raised by
 * 0x70 with saturation, which leaves the highest bit clear only for 0 to 15, and the results of all shuffles are united.
 *
 * @param bits the width of vectors, 256 or 512
 */
record TableEmitter(int bits) {
    /** The arguments of the function. */
    enum Argument implements ArgumentSlot {
        X,
        Y,
        /** Vectors of bytes. */
        TURNS,
        /** 16 in each of four bytes. */
        SIXTEENS,
        /** 0x70 in each of four bytes. */
        RAISES;
    }

    static final int SHUFFLES = 16;
    static final long SIXTEEN = 0x1010_1010L;
    static final long RAISE = 0x7070_7070L;

    /** The table: each 16 entries as often as a vector has 16 bytes. */
    static final int TABLE_OFFSET = 128;

    private static final int FIRST_TABLE = 16;

    /** The size of a block of arguments. */
    int blockBytes() {
        return TABLE_OFFSET + SHUFFLES * bits / Byte.SIZE;
    }

    String id() {
        return bits == 512 ? "table_i8_avx512" : "table_i8_avx2";
    }

    private VectorRegister vector(int number) {
        return VectorRegister.of(number, bits);
    }

    private Address table(int i) {
        return Address.at(Frame.BLOCK, TABLE_OFFSET + i * bits / Byte.SIZE);
    }

    byte[] emit() {
        X64Assembler a = new X64Assembler(VectorEmitter.needs(bits));
        VectorRegister element = vector(0);
        VectorRegister result = vector(1);
        VectorRegister index = vector(2);
        VectorRegister sixteens = vector(3);
        VectorRegister raises = vector(4);
        Registers registers = new Registers();
        Gpr x = registers.take();
        Gpr y = registers.take();
        Gpr count = registers.take();
        Frame.enter(a);
        a.mov(x, Argument.X.address());
        a.mov(y, Argument.Y.address());
        a.mov(count, Argument.TURNS.address());
        a.emit(VectorInstruction.VPBROADCASTD, sixteens, Argument.SIXTEENS.address());
        a.emit(VectorInstruction.VPBROADCASTD, raises, Argument.RAISES.address());
        for (int i = 0; i < SHUFFLES && bits == 512; i++) {
            a.emit(VectorInstruction.VMOVUPS, vector(FIRST_TABLE + i), table(i));
        }
        Label turn = new Label();
        a.align();
        a.bind(turn);
        a.emit(VectorInstruction.VMOVUPS, element, Address.at(x, 0));
        for (int i = 0; i < SHUFFLES; i++) {
            VectorRegister entries = vector(bits == 512 ? FIRST_TABLE + i : 5);
            if (bits != 512) {
                a.emit(VectorInstruction.VMOVUPS, entries, table(i));
            }
            a.emit(VectorInstruction.VPADDUSB, index, element, raises);
            a.emit(VectorInstruction.VPSHUFB, i == 0 ? result : index, entries, index);
            if (i > 0) {
                a.emit(bits == 512 ? VectorInstruction.VPORD : VectorInstruction.VPOR, result, result, index);
            }
            if (i + 1 < SHUFFLES) {
                a.emit(VectorInstruction.VPSUBB, element, element, sixteens);
            }
        }
        a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(y, 0), result);
        a.add(x, bits / Byte.SIZE);
        a.add(y, bits / Byte.SIZE);
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        Frame.leave(a);
        return a.toBytes();
    }
}
