package dev.tenon.formats.gguf;

import dev.tenon.op.quant.BlockFormat;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The types of tensors in a GGUF file that are supported: floats, and rows of blocks. */
public enum GgufType {
    /** IEEE binary32. */
    F32(0, DType.FLOAT32),
    /** IEEE binary16. */
    F16(1, DType.FLOAT16),
    /** 4 bits, a scale for 32 numbers. */
    Q4_0(2, BlockFormat.Q4_0),
    /** 4 bits, a scale and a minimum for 32 numbers. */
    Q4_1(3, BlockFormat.Q4_1),
    /** 5 bits, a scale for 32 numbers. */
    Q5_0(6, BlockFormat.Q5_0),
    /** 5 bits, a scale and a minimum for 32 numbers. */
    Q5_1(7, BlockFormat.Q5_1),
    /** 8 bits, a scale for 32 numbers. */
    Q8_0(8, BlockFormat.Q8_0),
    /** 4 bits, scales and minima of two levels for 256 numbers. */
    Q4_K(12, BlockFormat.Q4_K),
    /** 5 bits, scales and minima of two levels for 256 numbers. */
    Q5_K(13, BlockFormat.Q5_K),
    /** 6 bits, scales of two levels for 256 numbers. */
    Q6_K(14, BlockFormat.Q6_K),
    /** The upper half of binary32. */
    BF16(30, DType.BFLOAT16);

    /** Types that files have and that are not supported. */
    private static final Map<Integer, String> OTHERS = Map.ofEntries(
            Map.entry(9, "Q8_1"),
            Map.entry(10, "Q2_K"),
            Map.entry(11, "Q3_K"),
            Map.entry(15, "Q8_K"),
            Map.entry(16, "IQ2_XXS"),
            Map.entry(17, "IQ2_XS"),
            Map.entry(18, "IQ3_XXS"),
            Map.entry(19, "IQ1_S"),
            Map.entry(20, "IQ4_NL"),
            Map.entry(21, "IQ3_S"),
            Map.entry(22, "IQ2_S"),
            Map.entry(23, "IQ4_XS"),
            Map.entry(24, "I8"),
            Map.entry(25, "I16"),
            Map.entry(26, "I32"),
            Map.entry(27, "I64"),
            Map.entry(28, "F64"),
            Map.entry(29, "IQ1_M"),
            Map.entry(34, "TQ1_0"),
            Map.entry(35, "TQ2_0"),
            Map.entry(39, "MXFP4"),
            Map.entry(40, "NVFP4"));

    private static final List<GgufType> ALL = List.of(values());

    private final int id;
    private final DType stored;
    private final BlockFormat blocks;

    GgufType(int id, DType floats) {
        this.id = id;
        this.stored = floats;
        this.blocks = null;
    }

    GgufType(int id, BlockFormat blocks) {
        this.id = id;
        this.stored = DType.UINT8;
        this.blocks = blocks;
    }

    /**
     * The type of a number.
     *
     * @param id the number that stands for it in a file
     * @return the type; empty if it is not supported
     */
    static Optional<GgufType> of(int id) {
        return ALL.stream().filter(type -> type.id == id).findFirst();
    }

    /** The name of a number that stands for no supported type. */
    static String nameOf(int id) {
        String name = OTHERS.get(id);
        return name == null ? "type " + Integer.toUnsignedString(id) : "type " + name;
    }

    /** The names of all supported types. */
    static String names() {
        return Arrays.toString(values());
    }

    /** {@return the number that stands for this type in a file} */
    int id() {
        return id;
    }

    /** {@return the form of blocks; empty for floats} */
    public Optional<BlockFormat> blocks() {
        return Optional.ofNullable(blocks);
    }

    /** {@return the numbers of a block, neighbours in a row; 1 for floats} */
    public int blockSize() {
        return blocks == null ? 1 : blocks.blockSize();
    }

    /** {@return the bytes of a block} */
    public int blockBytes() {
        return blocks == null ? (int) stored.byteSize(1) : blocks.blockBytes();
    }

    /** {@return the element type of a tensor of this type: that of its floats, or bytes for blocks} */
    public DType stored() {
        return stored;
    }
}
