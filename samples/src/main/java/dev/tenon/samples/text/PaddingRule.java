package dev.tenon.samples.text;

/**
 * Padding with all its settings. Immutable.
 *
 * @param padding to what length
 * @param onLeft whether padding comes before the text
 * @param multiple the length is rounded up to a multiple of this one, if it is more than 1
 * @param id id of the padding token
 * @param typeId type of the padding token
 */
record PaddingRule(Padding padding, boolean onLeft, int multiple, int id, int typeId) {
    /** What holds for a file that asks for no padding. */
    static final PaddingRule OFF = new PaddingRule(Padding.none(), false, 0, 0, 0);

    PaddingRule with(Padding other) {
        return new PaddingRule(other, onLeft, multiple, id, typeId);
    }

    /**
     * The length that rows are padded to.
     *
     * @param longest the longest row, in tokens
     * @return a length; 0 for no padding
     */
    int target(int longest) {
        int length =
                switch (padding) {
                    case Padding.None none -> 0;
                    case Padding.Longest any -> longest;
                    case Padding.Fixed fixed -> fixed.length();
                };
        if (multiple > 1 && length % multiple > 0) {
            length = Math.addExact(length, multiple - length % multiple);
        }
        return length;
    }

    /**
     * Writes a row with its padding.
     *
     * @param row the row
     * @param length the length to fill, at least the row's
     * @param out takes ids, mask and types
     * @param at where in them the row begins
     */
    void write(Encoding row, int length, Encoding out, int at) {
        int used = row.length();
        int start = onLeft ? at + length - used : at;
        for (int i = at; i < at + length; i++) {
            out.ids()[i] = id;
            out.typeIds()[i] = typeId;
        }
        System.arraycopy(row.ids(), 0, out.ids(), start, used);
        System.arraycopy(row.attentionMask(), 0, out.attentionMask(), start, used);
        System.arraycopy(row.typeIds(), 0, out.typeIds(), start, used);
    }
}
