package dev.tenon.text.post;

import java.util.List;
import java.util.Optional;

/**
 * The tokens around texts, and the offsets of tokens with spaces. Immutable.
 *
 * @param single the template of one text
 * @param pair the template of two texts
 * @param trims how offsets are trimmed, in order; each says whether texts got a space before them
 */
public record PostProcessing(Template single, Template pair, List<Trim> trims) {
    /**
     * Spaces at the ends of a token do not count in its offsets.
     *
     * @param prefixed whether one space at the start of the first token was added, so that it is no part of the text
     */
    public record Trim(boolean prefixed) {}

    /** Copies the list. */
    public PostProcessing {
        trims = List.copyOf(trims);
    }

    /**
     * No special tokens.
     *
     * @param trims how offsets are trimmed
     * @return texts one after the other
     */
    public static PostProcessing plain(List<Trim> trims) {
        Template.Part first = new Template.Text(false, 0);
        return new PostProcessing(
                new Template(List.of(first)), new Template(List.of(first, new Template.Text(true, 1))), trims);
    }

    /**
     * The tokens of BERT.
     *
     * @param cls the token before a text
     * @param sep the token after a text
     * @return the processing
     */
    public static PostProcessing bert(int cls, int sep) {
        Template.Part start = new Template.Special(List.of(cls), 0);
        Template.Part first = new Template.Text(false, 0);
        Template.Part end = new Template.Special(List.of(sep), 0);
        return new PostProcessing(
                new Template(List.of(start, first, end)),
                new Template(
                        List.of(start, first, end, new Template.Text(true, 1), new Template.Special(List.of(sep), 1))),
                List.of());
    }

    /**
     * The tokens of RoBERTa.
     *
     * @param cls the token before the first text
     * @param sep the token at the other ends of texts
     * @param trim how offsets are trimmed
     * @return the processing
     */
    public static PostProcessing roberta(int cls, int sep, Optional<Trim> trim) {
        Template.Part start = new Template.Special(List.of(cls), 0);
        Template.Part first = new Template.Text(false, 0);
        Template.Part end = new Template.Special(List.of(sep), 0);
        return new PostProcessing(
                new Template(List.of(start, first, end)),
                new Template(List.of(start, first, end, end, new Template.Text(true, 0), end)),
                trim.stream().toList());
    }
}
