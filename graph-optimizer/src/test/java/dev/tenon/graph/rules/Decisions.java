package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * What rules decide on the near misses of graphs in tests, in a file for each class of tests. An entry has the name of a rule,
 * a check sum of the graph, the rules that fire and the nodes of the result; a line for each other outcome follows, with the
 * changes that lead to it. Changes that are not listed lead to the first outcome. {@code -Dtenon.decisions.update=true} writes
 * the files anew.
 */
final class Decisions {
    private static final Path FILES =
            Path.of("src", "test", "resources", "dev", "tenon", "graph", "rules", "decisions");
    private static final boolean UPDATE = Boolean.getBoolean("tenon.decisions.update");
    private static final Map<String, Decisions> ALL = new HashMap<>();

    private final Path file;
    private final Map<String, String> entries = new TreeMap<>();

    private Decisions(String tests) throws IOException {
        this.file = FILES.resolve(tests + ".txt");
        if (!UPDATE && Files.exists(file)) {
            for (String entry : Files.readString(file).split("\n\n")) {
                entries.put(entry.replaceFirst("(?s)^(\\S+ \\S+).*", "$1"), entry.strip());
            }
        }
    }

    /**
     * Fails unless rules decide as they did, or if the graph has no entry.
     *
     * @param rule the rule that the graph is an example of
     * @param text the text of the graph
     * @param outcome the outcome for the graph itself
     * @param others the changes of each other outcome
     */
    static synchronized void check(String rule, String text, String outcome, Map<String, String> others) {
        Decisions decisions = ALL.computeIfAbsent(caller(), Decisions::read);
        CRC32 sum = new CRC32();
        sum.update(text.replaceAll("\\s+", " ").getBytes(StandardCharsets.UTF_8));
        String key = "%s %08x".formatted(rule, sum.getValue());
        StringBuilder entry = new StringBuilder(key).append(' ').append(outcome);
        others.forEach((other, changes) ->
                entry.append('\n').append(other).append(" |").append(changes));
        if (UPDATE) {
            decisions.entries.put(key, entry.toString());
            decisions.write();
        } else {
            assertThat(entry.toString())
                    .as(
                            "decisions on the near misses of%n%s%nin %s; -Dtenon.decisions.update=true writes it",
                            text, decisions.file)
                    .isEqualTo(decisions.entries.get(key));
        }
    }

    private static Decisions read(String tests) {
        try {
            return new Decisions(tests);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write() {
        try {
            Files.createDirectories(FILES);
            Files.writeString(file, String.join("\n\n", entries.values()) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The class of tests that called. */
    private static String caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .filter(name -> name.endsWith("Test"))
                        .map(name -> name.substring(name.lastIndexOf('.') + 1))
                        .findFirst()
                        .orElseThrow());
    }
}
