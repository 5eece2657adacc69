package dev.tenon.asm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers that stand after the code of a function and move with it. A register holds the address of the first one. Not
 * thread-safe.
 */
public final class ConstantPool {
    private final X64Assembler assembler;
    private final Gpr base;
    private final Label start = new Label();
    private final List<Integer> words = new ArrayList<>();
    private final Map<Long, Integer> offsets = new HashMap<>();

    /**
     * A pool that is empty.
     *
     * @param assembler the assembler of the function
     * @param base the register that holds the address of the pool
     */
    public ConstantPool(X64Assembler assembler, Gpr base) {
        this.assembler = assembler;
        this.base = base;
    }

    /** Code that loads the address of the pool into its register. */
    public void loadAddress() {
        assembler.lea(base, start);
    }

    /**
     * The address of a number that is repeated.
     *
     * @param bits the bits of the number
     * @param copies how many times it stands there
     * @return the address of the first one
     */
    public Address repeated(int bits, int copies) {
        return Address.at(
                base, offsets.computeIfAbsent((long) copies << Integer.SIZE | Integer.toUnsignedLong(bits), k -> {
                    int offset = words.size() * Integer.BYTES;
                    for (int i = 0; i < copies; i++) {
                        words.add(bits);
                    }
                    return offset;
                }));
    }

    /**
     * Adds a table.
     *
     * @param values its numbers
     * @return the displacement of the first one from the register of the pool
     */
    public int table(int... values) {
        int offset = words.size() * Integer.BYTES;
        for (int value : values) {
            words.add(value);
        }
        return offset;
    }

    /** Appends the numbers. No code may follow. */
    public void append() {
        assembler.align();
        assembler.bind(start);
        for (int word : words) {
            assembler.data(word);
        }
    }
}
