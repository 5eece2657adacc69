package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.Ratios;
import java.util.List;

/**
 * How code multiplies bytes and adds the products, with every bit of the exact sum. A machine without dot products of bytes has
 * two ways. Sums of two products in 16 bits take the fewest instructions, but they overflow for some pairs of weights. So
 * packing looks at all pairs, and other weights are widened to 16 bits when they are packed, and rows before they are multiplied.
 */
public enum ByteArithmetic {
    /** Four products at once in each 32 of 512 bits. */
    DOTS_512(CodeForm.of(512, InstructionSet.AVX512_VNNI), 4, "avx512vnni"),
    /** Four products at once in each 32 of 256 bits. */
    DOTS_256(CodeForm.of(256, InstructionSet.AVX_VNNI), 4, "avxvnni"),
    /** Sums of two products in 16 bits, for weights of which {@link #pairsFit} is true. */
    PAIRS_512(CodeForm.AVX512, 4, "avx512"),
    /** Products of 16-bit numbers. */
    WORDS_512(CodeForm.AVX512, 2, "avx512"),
    /** Sums of two products in 16 bits, for weights of which {@link #pairsFit} is true. */
    PAIRS_256(CodeForm.AVX2, 4, "avx2"),
    /** Products of 16-bit numbers. */
    WORDS_256(CodeForm.AVX2, 2, "avx2");

    private static final int SIGN = 128;

    /** 255 times a larger number is no 16-bit number. */
    private static final int MOST_OF_PAIR = 128;

    private static final List<ByteArithmetic> BEST_FIRST = List.of(DOTS_512, DOTS_256, WORDS_512, WORDS_256);

    /** The forms of a kernel that multiplies bytes, the best one first. */
    public static final List<CodeForm> FORMS =
            BEST_FIRST.stream().map(each -> each.form).toList();

    private final CodeForm form;
    private final int terms;
    private final String suffix;

    ByteArithmetic(CodeForm form, int terms, String suffix) {
        this.form = form;
        this.terms = terms;
        this.suffix = suffix;
    }

    /**
     * The fastest arithmetic of a machine that takes all weights.
     *
     * @param c the machine
     * @return the arithmetic; null if the assembled tier is off
     */
    public static ByteArithmetic of(Capabilities c) {
        CodeForm best = CodeForm.best(FORMS, c);
        return best == null ? null : of(best);
    }

    /**
     * The arithmetic of a form.
     *
     * @param form one of {@link #FORMS}
     * @return the arithmetic, which takes all weights
     */
    public static ByteArithmetic of(CodeForm form) {
        return BEST_FIRST.get(FORMS.indexOf(form));
    }

    /**
     * Whether a machine has the instructions.
     *
     * @param c the machine
     * @return true if it has
     */
    public boolean runsOn(Capabilities c) {
        return form.refusal(c) == null;
    }

    /**
     * The arithmetic for some weights on a machine that has this one.
     *
     * @param pairsFit whether all of their pairs fit
     * @return the arithmetic
     */
    public ByteArithmetic forWeights(boolean pairsFit) {
        return !pairsFit ? this : this == WORDS_512 ? PAIRS_512 : this == WORDS_256 ? PAIRS_256 : this;
    }

    /**
     * Whether unsigned bytes, each times one of two weights, always have a sum of 16 bits.
     *
     * @param first a weight
     * @param second the weight of the next term
     * @return true if they have
     */
    public static boolean pairsFit(int first, int second) {
        return Math.max(first, 0) + Math.max(second, 0) <= MOST_OF_PAIR
                && Math.min(first, 0) + Math.min(second, 0) >= -MOST_OF_PAIR;
    }

    /**
     * The width of vectors.
     *
     * @return 256 or 512 bits
     */
    public int bits() {
        return form.bits();
    }

    /**
     * The terms of a step of a sum, which has four bytes of each operand.
     *
     * @return 4, or 2 if operands are widened
     */
    public int terms() {
        return terms;
    }

    /**
     * The assumed speed of a core.
     *
     * @return multiplications and additions in a nanosecond
     */
    public double productsPerNano() {
        double perFloat = this == DOTS_512 || this == DOTS_256 ? Ratios.DOT_PRODUCTS : Ratios.WIDENED_PRODUCTS;
        return perFloat * Ratios.multiplyAddsPerNano(bits() / Float.SIZE);
    }

    /**
     * Whether operands are widened to 16 bits.
     *
     * @return true if they are
     */
    public boolean widens() {
        return terms == 2;
    }

    /**
     * The part of the name of a function or kernel that stands for the instruction set.
     *
     * @return such as {@code avx2}
     */
    public String suffix() {
        return suffix;
    }

    /**
     * The number that code adds to an element of a row. Zero points get it too.
     *
     * @param signedA whether rows hold signed bytes
     * @return 128 or 0
     */
    public int added(boolean signedA) {
        return signedA && !widens() ? SIGN : 0;
    }

    /** The vectors of columns of a panel. */
    int panelVectors() {
        return BytePanels.COLUMNS * Integer.SIZE / bits();
    }

    /** The code that multiplies. */
    TileProduct product(boolean signedA) {
        return switch (this) {
            case DOTS_512, DOTS_256 -> new ByteProduct(bits(), signedA);
            case PAIRS_512, PAIRS_256 -> new PairProduct(bits(), signedA);
            case WORDS_512, WORDS_256 -> new WordProduct(bits(), signedA);
        };
    }
}
