package dev.tenon.asm;

import dev.tenon.asm.VectorInstruction.Form;
import java.util.EnumSet;
import java.util.Set;

/**
 * Turns instructions into bytes of x86-64 code. Operands come in the order of Intel's manuals, the destination first.
 * Jumps take 32-bit distances. Not thread-safe.
 */
public final class X64Assembler {
    private static final int RM_SIB = 4;
    private static final int RM_RELATIVE = 5;
    private static final int MOD_REGISTER = 3;

    private final CodeBuffer code = new CodeBuffer();
    private final Set<InstructionSet> allowed;
    private int unbound;

    /**
     * An assembler.
     *
     * @param allowed the instruction sets that the code may use
     */
    public X64Assembler(Set<InstructionSet> allowed) {
        this.allowed = allowed.isEmpty() ? EnumSet.noneOf(InstructionSet.class) : EnumSet.copyOf(allowed);
    }

    /**
     * The code so far.
     *
     * @return the bytes, which may be moved as a whole
     * @throws IllegalStateException if a jump leads to a label that is not bound
     */
    public byte[] toBytes() {
        if (unbound > 0) {
            throw new IllegalStateException(unbound + " jumps lead to labels that are not bound");
        }
        return code.toArray();
    }

    /**
     * The number of bytes so far.
     *
     * @return bytes
     */
    public int size() {
        return code.size();
    }

    // Integers.

    /**
     * Copies a register.
     *
     * @param to the destination
     * @param from the source
     */
    public void mov(Gpr to, Gpr from) {
        integer(0x8B, to, from);
    }

    /**
     * Loads 8 bytes.
     *
     * @param to the destination
     * @param from the address
     */
    public void mov(Gpr to, Address from) {
        integer(0x8B, to, from);
    }

    /**
     * Loads 4 bytes; the upper half of the register becomes 0.
     *
     * @param to the destination
     * @param from the address
     */
    public void mov32(Gpr to, Address from) {
        legacy(false, 0x8B, to.number(), from);
    }

    /**
     * Stores 8 bytes.
     *
     * @param to the address
     * @param from the source
     */
    public void store(Address to, Gpr from) {
        integer(0x89, from, to);
    }

    /**
     * Stores 4 bytes.
     *
     * @param to the address
     * @param from the source
     */
    public void store32(Address to, Gpr from) {
        legacy(false, 0x89, from.number(), to);
    }

    /**
     * Loads a number.
     *
     * @param to the destination
     * @param value the number
     */
    public void mov(Gpr to, long value) {
        if (value == (int) value) {
            legacy(true, 0xC7, 0, to);
            code.putInt((int) value);
        } else {
            code.put(0x48 | to.number() >> 3);
            code.put(0xB8 | to.number() & 7);
            code.putLong(value);
        }
    }

    /**
     * Computes an address.
     *
     * @param to the destination
     * @param address the address, which is not read
     */
    public void lea(Gpr to, Address address) {
        integer(0x8D, to, address);
    }

    /** Computes the address of a place in the code. */
    void lea(Gpr to, Label place) {
        code.put(0x48 | to.number() >> 3 << 2);
        code.put(0x8D);
        code.put((to.number() & 7) << 3 | RM_RELATIVE);
        distance(place);
    }

    /** Appends four bytes of data. */
    void data(int value) {
        code.putInt(value);
    }

    /**
     * Adds.
     *
     * @param to the first term and the destination
     * @param term the second term, a register or 8 bytes of memory
     */
    public void add(Gpr to, Operand term) {
        integer(0x03, to, term);
    }

    /**
     * Adds a number.
     *
     * @param to the first term and the destination
     * @param value the number
     */
    public void add(Gpr to, int value) {
        immediate(0, to, value);
    }

    /**
     * Subtracts.
     *
     * @param to the minuend and the destination
     * @param term the subtrahend, a register or 8 bytes of memory
     */
    public void sub(Gpr to, Operand term) {
        integer(0x2B, to, term);
    }

    /**
     * Subtracts a number.
     *
     * @param to the minuend and the destination
     * @param value the number
     */
    public void sub(Gpr to, int value) {
        immediate(5, to, value);
    }

    /**
     * Forms the bits that are in both.
     *
     * @param to the first operand and the destination
     * @param value the second operand
     */
    public void and(Gpr to, int value) {
        immediate(4, to, value);
    }

    /**
     * Multiplies.
     *
     * @param to the first factor and the destination
     * @param factor the second factor, a register or 8 bytes of memory
     */
    public void imul(Gpr to, Operand factor) {
        emit(ScalarInstruction.IMUL, to, factor);
    }

    /**
     * An instruction on a register and another operand.
     *
     * @param i the instruction
     * @param register the register, which is the destination if there is one
     * @param other a register or an address
     */
    public void emit(ScalarInstruction i, Gpr register, Operand other) {
        rex(i.wide(), register.number(), other);
        if (i.twoBytes()) {
            code.put(0x0F);
        }
        code.put(i.opcode());
        modRm(register.number(), other, 1);
    }

    /**
     * Adds a number and the carry of the instruction before.
     *
     * @param to the first term and the destination
     * @param value the number
     */
    public void adc(Gpr to, int value) {
        immediate(2, to, value);
    }

    /**
     * Compares with a number.
     *
     * @param left the register
     * @param value the number
     */
    public void cmp(Gpr left, int value) {
        immediate(7, left, value);
    }

    /**
     * Compares.
     *
     * @param left the register
     * @param right a register or 8 bytes of memory
     */
    public void cmp(Gpr left, Operand right) {
        integer(0x3B, left, right);
    }

    /**
     * Compares a register with 0.
     *
     * @param register the register
     */
    public void test(Gpr register) {
        integer(0x85, register, register);
    }

    /**
     * Shifts to the left.
     *
     * @param to the register
     * @param bits 0 to 63
     */
    public void shl(Gpr to, int bits) {
        legacy(true, 0xC1, 4, to);
        code.put(bits);
    }

    /**
     * Shifts to the right; zeros come in.
     *
     * @param to the register
     * @param bits 0 to 63
     */
    public void shr(Gpr to, int bits) {
        legacy(true, 0xC1, 5, to);
        code.put(bits);
    }

    // Jumps.

    /**
     * Binds a label to this place.
     *
     * @param label a label that is not bound
     */
    public void bind(Label label) {
        label.bind(code.size());
        for (int at : label.jumps()) {
            code.setInt(at, code.size() - at - Integer.BYTES);
        }
        unbound -= label.jumps().size();
    }

    /**
     * Jumps.
     *
     * @param target the label
     */
    public void jmp(Label target) {
        code.put(0xE9);
        distance(target);
    }

    /**
     * Jumps if a condition holds.
     *
     * @param condition the condition
     * @param target the label
     */
    public void jump(Condition condition, Label target) {
        code.put(0x0F);
        code.put(0x80 | condition.code());
        distance(target);
    }

    /**
     * Fills up to a multiple of 32 bytes, so that a loop starts on a line of the instruction cache.
     */
    public void align() {
        code.align();
    }

    private void distance(Label target) {
        if (target.isBound()) {
            code.putInt(target.position() - code.size() - Integer.BYTES);
        } else {
            target.jumps().add(code.size());
            unbound++;
            code.putInt(0);
        }
    }

    /** Returns to the caller. */
    public void ret() {
        code.put(0xC3);
    }

    /** Asks the processor for its features: leaf in EAX and ECX, answers in EAX, EBX, ECX and EDX. */
    public void cpuid() {
        code.putAll(0x0F, 0xA2);
    }

    /** Reads the register of states that the system saves: number in ECX, answer in EDX and EAX. */
    public void xgetbv() {
        code.putAll(0x0F, 0x01, 0xD0);
    }

    /** Clears the upper halves of vector registers, without which other code would be slow. */
    public void vzeroupper() {
        code.putAll(0xC5, 0xF8, 0x77);
    }

    /** Gives the tiles back. */
    public void tilerelease() {
        if (!allowed.contains(InstructionSet.AMX_BF16)) {
            need(InstructionSet.AMX_INT8, "TILERELEASE");
        }
        code.putAll(0xC4, 0xE2, 0x78, 0x49, 0xC0);
    }

    /**
     * Loads the shapes of the tiles.
     *
     * @param shapes the address of 64 bytes
     */
    public void ldtilecfg(Address shapes) {
        emit(VectorInstruction.LDTILECFG, Gpr.RAX, shapes);
    }

    /**
     * Makes all elements of a tile 0.
     *
     * @param tile the tile
     */
    public void tilezero(TileRegister tile) {
        emit(VectorInstruction.TILEZERO, tile, Gpr.RAX);
    }

    /**
     * Asks for a line of memory to come into the first-level cache. Never faults.
     *
     * @param address the address
     */
    public void prefetch(Address address) {
        rex(false, 1, address);
        code.put(0x0F);
        code.put(0x18);
        modRm(1, address, 1);
    }

    // Vectors.

    /**
     * An instruction with one operand besides its destination, or a store.
     *
     * @param instruction the instruction
     * @param to the destination: a register, or the address of a store
     * @param from the source
     */
    public void emit(VectorInstruction instruction, Operand to, Operand from) {
        checkNumber(instruction, false);
        twoOperands(instruction, to, from);
    }

    /**
     * An instruction with one operand besides its destination, and a number.
     *
     * @param instruction the instruction
     * @param to the destination
     * @param from the source
     * @param number a byte
     */
    public void emit(VectorInstruction instruction, Operand to, Operand from, int number) {
        checkNumber(instruction, true);
        twoOperands(instruction, to, from);
        code.put(number);
    }

    /**
     * An instruction with two operands besides its destination. For a masked store of AVX2 the destination is an
     * address, the first source the mask and the second source the vector.
     *
     * @param instruction the instruction
     * @param to the destination
     * @param first the first source
     * @param second the second source
     */
    public void emit(VectorInstruction instruction, Operand to, Operand first, Operand second) {
        checkNumber(instruction, false);
        threeOperands(instruction, to, first, second);
    }

    /**
     * An instruction with two operands besides its destination, and a number.
     *
     * @param instruction the instruction
     * @param to the destination
     * @param first the first source
     * @param second the second source
     * @param number a byte
     */
    public void emit(VectorInstruction instruction, Operand to, Operand first, Operand second, int number) {
        checkNumber(instruction, true);
        threeOperands(instruction, to, first, second);
        code.put(number);
    }

    private static void checkNumber(VectorInstruction instruction, boolean given) {
        if (instruction.hasNumber() != given) {
            throw new IllegalArgumentException(instruction + (given ? " takes no number" : " needs a number"));
        }
    }

    private void twoOperands(VectorInstruction i, Operand to, Operand from) {
        int bits = widest(to, from);
        switch (i.form()) {
            case VM -> vector(i, i.digit(), to, from, bits, to);
            case MR -> vector(i, from.number(), null, to, bits, to);
            default -> vector(i, to.number(), null, from, bits, to);
        }
    }

    private void threeOperands(VectorInstruction i, Operand to, Operand first, Operand second) {
        switch (i.form()) {
            case MR -> vector(i, second.number(), first, to, widest(first, second), to);
            case RMV -> vector(i, to.number(), second, first, widest(to, first), to);
            default -> vector(i, to.number(), first, second, widest(first, second), to);
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

    private void need(InstructionSet set, String what) {
        if (!allowed.contains(set)) {
            throw new IllegalStateException(what + " needs " + set + ", which is not among " + allowed);
        }
    }

    /** One vector instruction: which encoding it has, the prefix, the opcode and the operands. */
    private void vector(VectorInstruction i, int reg, Operand vvvv, Operand rm, int bits, Operand masked) {
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

    private void integer(int opcode, Gpr reg, Operand rm) {
        legacy(true, opcode, reg.number(), rm);
    }

    private void immediate(int digit, Gpr to, int value) {
        boolean small = value == (byte) value;
        legacy(true, small ? 0x83 : 0x81, digit, to);
        if (small) {
            code.put(value);
        } else {
            code.putInt(value);
        }
    }

    private void legacy(boolean wide, int opcode, int reg, Operand rm) {
        rex(wide, reg, rm);
        code.put(opcode);
        modRm(reg, rm, 1);
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
