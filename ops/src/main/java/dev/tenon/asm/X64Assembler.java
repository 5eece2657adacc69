package dev.tenon.asm;

import java.util.Set;

/**
 * Turns instructions into bytes of x86-64 code. Operands come in the order of Intel's manuals, the destination first.
 * Jumps take 32-bit distances. Not thread-safe.
 */
public final class X64Assembler {
    private final CodeBuffer code = new CodeBuffer();
    private final X64Encoder encoder;
    private int unbound;

    /**
     * An assembler.
     *
     * @param allowed the instruction sets that the code may use
     */
    public X64Assembler(Set<InstructionSet> allowed) {
        this.encoder = new X64Encoder(code, allowed);
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
        encoder.integer(0x8B, to, from);
    }

    /**
     * Loads 8 bytes.
     *
     * @param to the destination
     * @param from the address
     */
    public void mov(Gpr to, Address from) {
        encoder.integer(0x8B, to, from);
    }

    /**
     * Loads 4 bytes; the upper half of the register becomes 0.
     *
     * @param to the destination
     * @param from the address
     */
    public void mov32(Gpr to, Address from) {
        encoder.legacy(false, 0x8B, to.number(), from);
    }

    /**
     * Stores 8 bytes.
     *
     * @param to the address
     * @param from the source
     */
    public void store(Address to, Gpr from) {
        encoder.integer(0x89, from, to);
    }

    /**
     * Stores 4 bytes.
     *
     * @param to the address
     * @param from the source
     */
    public void store32(Address to, Gpr from) {
        encoder.legacy(false, 0x89, from.number(), to);
    }

    /**
     * Loads a number.
     *
     * @param to the destination
     * @param value the number
     */
    public void mov(Gpr to, long value) {
        if (value == (int) value) {
            encoder.legacy(true, 0xC7, 0, to);
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
        encoder.integer(0x8D, to, address);
    }

    /** Computes the address of a place in the code. */
    void lea(Gpr to, Label place) {
        encoder.relative(0x8D, to);
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
        encoder.integer(0x03, to, term);
    }

    /**
     * Adds a number.
     *
     * @param to the first term and the destination
     * @param value the number
     */
    public void add(Gpr to, int value) {
        encoder.immediate(0, to, value);
    }

    /**
     * Subtracts.
     *
     * @param to the minuend and the destination
     * @param term the subtrahend, a register or 8 bytes of memory
     */
    public void sub(Gpr to, Operand term) {
        encoder.integer(0x2B, to, term);
    }

    /**
     * Subtracts a number.
     *
     * @param to the minuend and the destination
     * @param value the number
     */
    public void sub(Gpr to, int value) {
        encoder.immediate(5, to, value);
    }

    /**
     * Forms the bits that are in both.
     *
     * @param to the first operand and the destination
     * @param value the second operand
     */
    public void and(Gpr to, int value) {
        encoder.immediate(4, to, value);
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
        encoder.scalar(i, register, other);
    }

    /**
     * Adds a number and the carry of the instruction before.
     *
     * @param to the first term and the destination
     * @param value the number
     */
    public void adc(Gpr to, int value) {
        encoder.immediate(2, to, value);
    }

    /**
     * Compares with a number.
     *
     * @param left the register
     * @param value the number
     */
    public void cmp(Gpr left, int value) {
        encoder.immediate(7, left, value);
    }

    /**
     * Compares.
     *
     * @param left the register
     * @param right a register or 8 bytes of memory
     */
    public void cmp(Gpr left, Operand right) {
        encoder.integer(0x3B, left, right);
    }

    /**
     * Compares a register with 0.
     *
     * @param register the register
     */
    public void test(Gpr register) {
        encoder.integer(0x85, register, register);
    }

    /**
     * Shifts to the left.
     *
     * @param to the register
     * @param bits 0 to 63
     */
    public void shl(Gpr to, int bits) {
        encoder.legacy(true, 0xC1, 4, to);
        code.put(bits);
    }

    /**
     * Shifts to the right; zeros come in.
     *
     * @param to the register
     * @param bits 0 to 63
     */
    public void shr(Gpr to, int bits) {
        encoder.legacy(true, 0xC1, 5, to);
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
        encoder.needTiles("TILERELEASE");
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
        encoder.twoByte(false, 0x18, 1, address);
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
        encoder.vector(instruction, false, to, from);
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
        encoder.vector(instruction, true, to, from);
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
        encoder.vector(instruction, false, to, first, second);
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
        encoder.vector(instruction, true, to, first, second);
        code.put(number);
    }
}
