package dev.tenon.generation.schedule;

import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.tensor.DType;
import dev.tenon.text.Tokenizer;
import java.io.ByteArrayInputStream;

/** Requests with the tokenizer of a small decoder. */
final class TestPrompts {
    private static final Tokenizer TOKENIZER = Tokenizer.load(new ByteArrayInputStream(
            TinyDecoders.gguf(Family.LLAMA, DType.FLOAT32).bytes()));

    private TestPrompts() {}

    static Prompt of(GenerationRequest request) {
        TextTail tail = new TextTail(TOKENIZER, request.stops(), request.stopTokens());
        return new Prompt(request.promptTokens(), request, request.stopTokens(), tail);
    }

    static String text(int... ids) {
        return TOKENIZER.decode(ids);
    }
}
