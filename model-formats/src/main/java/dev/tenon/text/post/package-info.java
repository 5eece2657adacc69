/**
 * Settings of the last stage: special tokens around texts, truncation, padding. The encodings are made by the API's package.
 *
 * <p>Must not live here: the reading of files. A new post-processor is a {@link dev.tenon.text.post.PostProcessing} that
 * {@code PostProcessorReader} makes.
 */
package dev.tenon.text.post;
