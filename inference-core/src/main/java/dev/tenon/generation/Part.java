package dev.tenon.generation;

import java.util.List;
import java.util.Objects;

/**
 * Some more text of a generation that goes on. The texts of all parts, one after the other, are the text of the
 * {@link Generation}. A part has at least one character, but for the last one, which may have none.
 *
 * @param text the text; it never cuts a character, and never begins a text at which the generation stops
 * @param tokens the tokens since the part before, in their order; text may come with a later token than the one that spells it
 */
public record Part(String text, List<GeneratedToken> tokens) {
    /** Copies the list. */
    public Part {
        Objects.requireNonNull(text, "text");
        tokens = List.copyOf(tokens);
    }
}
