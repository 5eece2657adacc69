package dev.tenon.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A sample with a framework, which samples/run starts without {@link Main}: a line of {@code samples/integrations.txt}. Its help is
 * made of this line and of the sample's page, so that it needs no framework.
 *
 * @param name its name and that of its folder
 * @param arguments its arguments
 */
record FrameworkSample(String name, String arguments) {
    private static Path folder() {
        return Path.of(System.getProperty("tenon.root", ""), "samples");
    }

    /**
     * The samples of the list.
     *
     * @return the samples; none if there is no list, as in a jar
     * @throws IOException if the list can't be read
     */
    static List<FrameworkSample> all() throws IOException {
        Path list = folder().resolve("integrations.txt");
        List<FrameworkSample> all = new ArrayList<>();
        for (String line : Files.isReadable(list) ? Files.readAllLines(list) : List.<String>of()) {
            String[] parts = line.split(" +", 3);
            if (parts.length == 3 && !line.startsWith("#")) {
                all.add(new FrameworkSample(parts[0], parts[2]));
            }
        }
        return all;
    }

    /** {@return the usage, with the first paragraph and the examples of the sample's page} */
    Usage usage() throws IOException {
        List<String> page = Files.readAllLines(folder().resolve(name).resolve("README.md"));
        List<String> text = page.stream()
                .dropWhile(line -> line.isBlank() || line.startsWith("#"))
                .takeWhile(line -> !line.isBlank())
                .toList();
        String start = "samples/run " + name;
        Usage usage = Usage.of(start, String.join(" ", text))
                .arguments(arguments, "as the page samples/" + name + "/README.md tells");
        page.stream().map(String::strip).filter(line -> line.startsWith(start)).forEach(usage::example);
        return usage;
    }
}
