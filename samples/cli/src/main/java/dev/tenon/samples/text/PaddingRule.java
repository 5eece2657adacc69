package dev.tenon.samples.text;

/**
 * Padding with all settings. Immutable.
 *
 * @param padding the length
 * @param onLeft whether padding comes before the text
 * @param multiple the length is rounded up to a multiple of this number, if it is more than 1
 * @param id the id of the padding token
 * @param typeId the type id of the padding token
 */
record PaddingRule(Padding padding, boolean onLeft, int multiple, int id, int typeId) {
    /** The rule for a file without padding. */
    static final PaddingRule OFF = new PaddingRule(Padding.none(), false, 0, 0, 0);

    PaddingRule with(Padding other) {
        return new PaddingRule(other, onLeft, multiple, id, typeId);
    }

    /**
     * The length to which rows are padded.
     *
     * @param longest the length of the longest row, in tokens
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
     * @param length the length to fill, at least that of the row
     * @param out receives ids, mask and type ids
     * @param at the index of the start of the row there
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
