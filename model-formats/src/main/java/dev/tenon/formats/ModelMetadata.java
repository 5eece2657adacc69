package dev.tenon.formats;

import java.util.Map;

/**
 * What a model file says about itself.
 *
 * @param producer the tool that wrote it, may be empty
 * @param producerVersion the tool's version, may be empty
 * @param domain the name space of the model, may be empty
 * @param version the model's version
 * @param description for people, may be empty
 * @param operatorSets the version of each operator set that the file was written for, by domain; the main domain is
 *     the empty string
 * @param properties further named strings, in the order of the file
 */
public record ModelMetadata(
        String producer,
        String producerVersion,
        String domain,
        long version,
        String description,
        Map<String, Long> operatorSets,
        Map<String, String> properties) {
    /** Nothing known. */
    public static final ModelMetadata EMPTY = new ModelMetadata("", "", "", 0, "", Map.of(), Map.of());
}
