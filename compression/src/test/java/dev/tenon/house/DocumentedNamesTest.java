package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The types and methods that the page of the architecture names are there: a newcomer searches for them. */
class DocumentedNamesTest {
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

    /** A type, perhaps with a member, perhaps with the arguments of a call. */
    private static final Pattern NAME = Pattern.compile("([A-Z]\\w*)(?:\\.(\\w+))?(?:\\(.*\\))?");

    @Test
    void theArchitectureNamesWhatIsThere() throws IOException {
        Map<String, List<Path>> sources = sources();
        String page = Files.readString(House.root().resolve("docs/architecture.md"));
        List<String> missing = new ArrayList<>();
        int types = 0;
        for (MatchResult code : CODE.matcher(page).results().toList()) {
            Matcher name = NAME.matcher(code.group(1));
            if (name.matches()) {
                types++;
                if (!isThere(sources.getOrDefault(name.group(1), List.of()), name.group(2))) {
                    missing.add(code.group(1));
                }
            }
        }
        assertThat(missing)
                .as("names in docs/architecture.md of no type or no member")
                .isEmpty();
        assertThat(types).as("names of types in docs/architecture.md").isPositive();
    }

    /** Whether one of the source files of a type speaks of a member; whether there is one, if the member is null. */
    private static boolean isThere(List<Path> sources, String member) throws IOException {
        for (Path source : sources) {
            if (member == null
                    || Pattern.compile("\\b" + member + "\\b")
                            .matcher(Files.readString(source))
                            .find()) {
                return true;
            }
        }
        return false;
    }

    /** The source files of all types that have one of their own, by the names of the types. */
    private static Map<String, List<Path>> sources() {
        Map<String, List<Path>> sources = new HashMap<>();
        for (String module : House.MODULES) {
            for (Path file : House.files(House.root().resolve(module).resolve("src"))) {
                String name = file.getFileName().toString();
                if (name.endsWith(".java")) {
                    String type = name.substring(0, name.length() - ".java".length());
                    sources.computeIfAbsent(type, key -> new ArrayList<>()).add(file);
                }
            }
        }
        return sources;
    }
}
