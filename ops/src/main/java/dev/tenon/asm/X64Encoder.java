package dev.tenon.asm;

import dev.tenon.asm.VectorInstruction.Form;
import java.util.EnumSet;
import java.util.Set;

/**
 * The encodings of x86-64: prefixes (REX, VEX, EVEX), opcodes, operands. It appends one instruction at a time to a buffer, and
 * refuses instructions of other sets than those allowed, and operands that an instruction has no encoding for. {@link
 * X64Assembler} names the instructions. Not thread-safe.
 */
final class X64Encoder {
    private static final int RM_SIB = 4;
    private static final int RM_RELATIVE = 5;
    private static final int MOD_REGISTER = 3;

    private final CodeBuffer code;
    private final Set<InstructionSet> allowed;

    /** An encoder that appends to a buffer. */
    X64Encoder(CodeBuffer code, Set<InstructionSet> allowed) {
        this.code = code;
        this.allowed = allowed.isEmpty() ? EnumSet.noneOf(InstructionSet.class) : EnumSet.copyOf(allowed);
    }

    private static void checkNumber(VectorInstruction instruction, boolean given) {
        if (instruction.hasNumber() != given) {
            throw new IllegalArgumentException(instruction + (given ? " takes no number" : " needs a number"));
        }
    }

    /** A vector instruction with one operand besides its destination, without its number. */
    void vector(VectorInstruction i, boolean number, Operand to, Operand from) {
        checkNumber(i, number);
        int bits = widest(to, from);
        switch (i.form()) {
            case VM -> encode(i, i.digit(), to, from, bits, to);
            case MR -> encode(i, from.number(), null, to, bits, to);
            default -> encode(i, to.number(), null, from, bits, to);
        }
    }

    /** A vector instruction with two operands besides its destination, without its number. */
    void vector(VectorInstruction i, boolean number, Operand to, Operand first, Operand second) {
        checkNumber(i, number);
        switch (i.form()) {
            case MR -> encode(i, second.number(), first, to, widest(first, second), to);
            case RMV -> encode(i, to.number(), second, first, widest(to, first), to);
            default -> encode(i, to.number(), first, second, widest(first, second), to);
        }
    }

    /** The width of an instruction: that of its widest vector. */
    private static int widest(Operand a, Operand b) {
        int bits = a instanceof VectorRegister v ? v.bits() : 128;
        return Math.max(bits, b instanceof VectorRegister v ? v.bits() : 128);
    }

    private static boolean needsEvex(Operand operand) {
        return operand != null
                && (operand.number() > 15
                        || operand.mask() > 0
                        || operand instanceof VectorRegister v && v.bits() == 512
                        || operand instanceof Address a && a.broadcast());
    }

    /** Refuses an instruction of tiles that belongs to either set of AMX. */
    void needTiles(String what) {
        if (!allowed.contains(InstructionSet.AMX_BF16)) {
            need(InstructionSet.AMX_INT8, what);
        }
    }

    private void need(InstructionSet set, String what) {
        if (!allowed.contains(set)) {
            throw new IllegalStateException(what + " needs " + set + ", which is not among " + allowed);
        }
    }

    /** One vector instruction: which encoding it has, the prefix, the opcode and the operands. */
    private void encode(VectorInstruction i, int reg, Operand vvvv, Operand rm, int bits, Operand masked) {
        boolean wide = bits == 512 || reg > 15 || needsEvex(vvvv) || needsEvex(rm) || needsEvex(masked);
        // Shifts by a number read memory in the EVEX encoding alone.
        boolean shifts = i.form() == Form.VM && rm instanceof Address;
        boolean evex = i.vex() == null || i.evex() != null && (wide || shifts);
        if (!i.movesTiles() || !allowed.contains(InstructionSet.AMX_BF16)) {
            need(evex ? i.evex() : i.vex(), i.name());
        }
        if (wide && !evex || !i.takes(bits) || !i.takes(rm) || vvvv instanceof Address) {
            throw new IllegalArgumentException(i + " has no encoding for these operands");
        }
        if (evex) {
            evex(i, reg, vvvv, rm, bits, masked);
            code.put(i.opcode());
            modRm(reg, rm, i.unit(rm, bits));
        } else {
            vex(i, reg, vvvv, rm, bits);
            code.put(i.opcode());
            modRm(reg, rm, 1);
        }
    }

    private void vex(VectorInstruction i, int reg, Operand vvvv, Operand rm, int bits) {
        int r = reg >> 3 & 1;
        int x = rm instanceof Address a && a.index() != null ? a.index().number() >> 3 : 0;
        int b = rm.number() >> 3 & 1;
        int v = vvvv == null ? 0 : vvvv.number();
        code.put(0xC4);
        code.put((~r & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | i.map());
        code.put((i.wide() ? 0x80 : 0)
                | (~v & 15) << 3
                | (bits == 256 ? 4 : 0)
                | i.prefix().ordinal());
    }

    private void evex(VectorInstruction i, int reg, Operand vvvv, Operand rm, int bits, Operand masked) {
        boolean memory = rm instanceof Address;
        int x = memory
                ? ((Address) rm).index() == null ? 0 : ((Address) rm).index().number() >> 3
                : rm.number() >> 4 & 1;
        int v = vvvv == null ? 0 : vvvv.number();
        boolean broadcast = rm instanceof Address a && a.broadcast();
        code.put(0x62);
        code.put((~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~rm.number() >> 3 & 1) << 5 | (~reg >> 4 & 1) << 4 | i.map());
        code.put((i.wide() ? 0x80 : 0) | (~v & 15) << 3 | 4 | i.prefix().ordinal());
        code.put((masked.zeroing() ? 0x80 : 0)
                | bits / 256 << 5
                | (broadcast ? 0x10 : 0)
                | (~v >> 4 & 1) << 3
                | masked.mask());
    }

    /** An instruction on 8 bytes, of one byte besides its operands. */
    void integer(int opcode, Gpr reg, Operand rm) {
        legacy(true, opcode, reg.number(), rm);
    }

    /** An arithmetic instruction with a number; the digit says which. */
    void immediate(int digit, Gpr to, int value) {
        boolean small = value == (byte) value;
        legacy(true, small ? 0x83 : 0x81, digit, to);
        if (small) {
            code.put(value);
        } else {
            code.putInt(value);
        }
    }

    /** An instruction of one byte besides its operands; the field for the register may be a digit. */
    void legacy(boolean wide, int opcode, int reg, Operand rm) {
        rex(wide, reg, rm);
        code.put(opcode);
        modRm(reg, rm, 1);
    }

    /** An instruction of 0F and a byte besides its operands. */
    void twoByte(boolean wide, int opcode, int reg, Operand rm) {
        rex(wide, reg, rm);
        code.put(0x0F);
        code.put(opcode);
        modRm(reg, rm, 1);
    }

    /** A scalar instruction. */
    void scalar(ScalarInstruction i, Gpr reg, Operand rm) {
        if (i.twoBytes()) {
            twoByte(i.wide(), i.opcode(), reg.number(), rm);
        } else {
            legacy(i.wide(), i.opcode(), reg.number(), rm);
        }
    }

    /** An instruction on 8 bytes at a distance from the next instruction, which the caller appends. */
    void relative(int opcode, Gpr reg) {
        code.put(0x48 | reg.number() >> 3 << 2);
        code.put(opcode);
        code.put((reg.number() & 7) << 3 | RM_RELATIVE);
    }

    private void rex(boolean wide, int reg, Operand rm) {
        int x = rm instanceof Address a && a.index() != null ? a.index().number() >> 3 : 0;
        int rex = (wide ? 8 : 0) | (reg >> 3) << 2 | x << 1 | rm.number() >> 3;
        if (rex != 0) {
            code.put(0x40 | rex);
        }
    }

    /** ModRM, SIB and displacement. A displacement of one byte counts units. */
    private void modRm(int reg, Operand rm, int unit) {
        int field = (reg & 7) << 3;
        if (!(rm instanceof Address a)) {
            code.put(MOD_REGISTER << 6 | field | rm.number() & 7);
            return;
        }
        int base = a.base().number() & 7;
        int displacement = a.displacement();
        boolean small = displacement % unit == 0 && displacement / unit == (byte) (displacement / unit);
        // RBP and R13 as base without displacement would mean something else.
        int mod = displacement == 0 && base != Gpr.RBP.number() ? 0 : small ? 1 : 2;
        if (a.index() != null || base == RM_SIB) {
            int index = a.index() == null ? RM_SIB : a.index().number() & 7;
            code.put(mod << 6 | field | RM_SIB);
            code.put(Integer.numberOfTrailingZeros(a.scale()) << 6 | index << 3 | base);
        } else {
            code.put(mod << 6 | field | base);
        }
        if (mod == 1) {
            code.put(displacement / unit);
        } else if (mod == 2) {
            code.putInt(displacement);
        }
    }
}
