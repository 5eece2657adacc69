package dev.tenon.samples.compress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sentences of the pages of the project, in their order. */
final class PageSentences {
    private static final int LEAST_LENGTH = 40;
    private static final int MOST_LENGTH = 300;
    private static final int MOST_SENTENCES = 400;

    private PageSentences() {}

    static List<String> read() throws IOException {
        Path root = Path.of(System.getProperty("tenon.root", "../.."));
        List<String> sentences = new ArrayList<>();
        try (var pages = Files.list(root.resolve("docs"))) {
            for (Path page :
                    pages.filter(p -> p.toString().endsWith(".md")).sorted().toList()) {
                String text = Files.readString(page).replaceAll("(?s)```.*?```", "\n\n");
                for (String paragraph : text.split("\n\\s*\n|\n\\* ")) {
                    if (paragraph.contains("|") || paragraph.startsWith("#")) {
                        continue;
                    }
                    for (String sentence : paragraph.replaceAll("\\s+", " ").split("(?<=[.:]) ")) {
                        if (sentence.length() >= LEAST_LENGTH && sentence.length() <= MOST_LENGTH) {
                            sentences.add(sentence);
                        }
                    }
                }
            }
        }
        return sentences.subList(0, Math.min(MOST_SENTENCES, sentences.size()));
    }
}
