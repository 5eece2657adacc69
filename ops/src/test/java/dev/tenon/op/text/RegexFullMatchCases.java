package dev.tenon.op.text;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Cases of {@link RegexFullMatch}. */
public final class RegexFullMatchCases implements OpCases {
    private static OpCase match(String name, String pattern, String[] texts, boolean[] expected) {
        return OpCase.of(name, new RegexFullMatch(Regex.of(pattern)), Tensor.of(texts))
                .expect(Tensor.of(expected));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                match(
                        "domain",
                        "www\\.[\\w.-]+\\.\\bcom\\b",
                        new String[] {"www.google.com", "www.facebook.com", "www.bbc.co.uk"},
                        new boolean[] {true, true, false}),
                match("whole text alone", "b|ab", new String[] {"ab", "b", "abc", "bab", ""}, new boolean[] {
                    true, true, false, false, false
                }),
                OpCase.of("no strings", new RegexFullMatch(Regex.of("a*")), Tensor.of(new String[0], 0, 2))
                        .expect(Tensor.of(new boolean[0], 0, 2)),
                OpCase.of(
                                "bytes that are not UTF-8",
                                new RegexFullMatch(Regex.of("(?s).*")),
                                Tensor.ofUtf8(
                                        new byte[][] {
                                            {'a', (byte) 0xFF},
                                            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                                            "\uD83D\uDE00".getBytes(StandardCharsets.UTF_8)
                                        },
                                        3,
                                        1))
                        .expect(Tensor.of(new boolean[] {false, false, true}, 3, 1)));
    }
}
