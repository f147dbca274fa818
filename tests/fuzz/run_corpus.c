/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libFuzzer where the compiler has none: runs every file of the
 * directories given, or of tests/fuzz/corpus/NAME for a program fuzz_NAME,
 * through the target. So the corpora are part of make check. Each input lies in
 * a heap block of its own length, for the sanitizers. Running nothing is an error.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_ROOM 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data = NULL;
	size_t size, got;
	int err = -1;

	if (!f || fstat(fileno(f), &st) != 0)
		goto out;
	size = (size_t)st.st_size;
	data = malloc(size ? size : 1);
	if (!data)
		goto out;
	got = fread(data, 1, size, f);
	if (got != size)
		goto out;
	LLVMFuzzerTestOneInput(data, size);
	err = 0;
out:
	if (err)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	free(data);
	if (f)
		fclose(f);
	return err;
}

/* Runs the files of a directory; how many, or -1. */
static int run_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[PATH_ROOM];
	int count = 0;

	if (!d) {
		fprintf(stderr, "%s: %s\n", dir, strerror(errno));
		return -1;
	}
	while (count >= 0 && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		count = run_file(path) ? -1 : count + 1;
	}
	closedir(d);
	printf("%s: %d inputs\n", dir, count);
	return count;
}

/* fuzz_NAME -> $srcdir/tests/fuzz/corpus/NAME */
static void own_corpus(char path[static PATH_ROOM], const char *program)
{
	const char *top = getenv("srcdir"), *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	snprintf(path, PATH_ROOM, "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
}

int main(int argc, char **argv)
{
	char own[PATH_ROOM];
	int status = EXIT_SUCCESS;

	if (argc < 2) {
		own_corpus(own, argv[0]);
		return run_dir(own) > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	for (int i = 1; i < argc; i++) {
		if (run_dir(argv[i]) <= 0)
			status = EXIT_FAILURE;
	}
	return status;
}
