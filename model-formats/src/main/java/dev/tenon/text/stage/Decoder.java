package dev.tenon.text.stage;

import java.util.List;

/** Makes text of tokens. Immutable and safe for any number of threads. */
@FunctionalInterface
public interface Decoder {
    /**
     * Changes tokens; the text is what they spell in the end.
     *
     * @param tokens the tokens
     * @return other tokens
     */
    List<String> decode(List<String> tokens);
}
