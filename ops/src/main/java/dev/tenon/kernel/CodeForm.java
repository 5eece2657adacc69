package dev.tenon.kernel;

import dev.tenon.asm.InstructionSet;
import java.util.List;

/**
 * A form of a kernel in machine code. A line of a {@link KernelTable} lists the forms of its kernel, and the first one that a
 * machine can run is made.
 *
 * @param bits the width of its vectors
 * @param panelColumns the columns of the panels that it reads, 0 if it reads none. Panels are packed for a machine: this number is
 *     that of {@link Capabilities#panelColumns}
 * @param needed the instruction sets that it uses
 */
public record CodeForm(int bits, int panelColumns, List<InstructionSet> needed) {
    /** Vectors of 512 bits. */
    public static final CodeForm AVX512 = of(512, InstructionSet.AVX512);

    /** Vectors of 256 bits. */
    public static final CodeForm AVX2 = of(256, InstructionSet.AVX2);

    /** The forms of a kernel that reads panels of two vectors a row. */
    public static final List<CodeForm> PANELS = List.of(AVX512.withPanels(), AVX2.withPanels());

    /** Dot products of bytes in tile registers, and in vectors where a product is too small for them. */
    public static final CodeForm BYTE_TILES =
            of(512, InstructionSet.AVX512, InstructionSet.AVX512_VNNI, InstructionSet.AMX_INT8);

    /** Dot products of BF16 numbers in tile registers. */
    public static final CodeForm BFLOAT16_TILES =
            of(512, InstructionSet.AVX512, InstructionSet.AVX512_BF16, InstructionSet.AMX_BF16);

    /**
     * A form.
     *
     * @param bits the width of its vectors
     * @param panelColumns the columns of the panels that it reads, 0 if it reads none
     * @param needed the instruction sets that it uses
     */
    public CodeForm {
        needed = List.copyOf(needed);
    }

    /**
     * A form that reads no panels.
     *
     * @param bits the width of its vectors
     * @param needed the instruction sets that it uses
     * @return the form
     */
    public static CodeForm of(int bits, InstructionSet... needed) {
        return new CodeForm(bits, 0, List.of(needed));
    }

    private CodeForm withPanels() {
        return new CodeForm(bits, 2 * bits / Float.SIZE, needed);
    }

    /**
     * Why a machine can't run this form.
     *
     * @param c the machine
     * @return the reason; null if it can
     */
    public String refusal(Capabilities c) {
        if (!c.hasMachineCode()) {
            return "the assembled tier is off";
        }
        if (panelColumns != 0 && panelColumns != c.panelColumns()) {
            return "the panels of this machine have " + c.panelColumns() + " columns";
        }
        for (InstructionSet set : needed) {
            if (!c.instructions().contains(set)) {
                return "there is no " + set;
            }
        }
        return null;
    }

    /**
     * Why a machine can't run any form of a kernel.
     *
     * @param forms the forms of a kernel in machine code, the best one first
     * @param c the machine
     * @return why it can't run the last one, which needs least; null if it can run one of them
     */
    public static String refusal(List<CodeForm> forms, Capabilities c) {
        return best(forms, c) == null ? forms.getLast().refusal(c) : null;
    }

    /**
     * The form that is made for a machine.
     *
     * @param forms the forms of a kernel, the best one first
     * @param c the machine
     * @return the first one that it can run; null if there is none
     */
    public static CodeForm best(List<CodeForm> forms, Capabilities c) {
        for (CodeForm form : forms) {
            if (form.refusal(c) == null) {
                return form;
            }
        }
        return null;
    }
}
